// The backend for CPU tensors.
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <cxxabi.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "compat_distributed.h"
#include "distributed.h"

namespace panamind {
namespace {

constexpr int kRankFailed = 75;

std::mutex watched_mutex;
std::weak_ptr<Group> watched;
std::terminate_handler previous_handler = nullptr;

std::string watched_collective() {
  std::lock_guard<std::mutex> lock(watched_mutex);
  auto group = watched.lock();
  auto oldest = group ? group->oldest_in_flight() : nullptr;
  return oldest ? oldest->describe() : "no collective of this rank under way";
}

// A message that is longer than what this rank expects makes Gloo throw on a thread of its own, where nobody can catch
// it: the virtual machine would be aborted without a word of ours.
[[noreturn]] void on_terminate() {
  auto* type = abi::__cxa_current_exception_type();
  if (type != nullptr && std::strstr(type->name(), "4gloo") != nullptr) {
    try {
      throw;
    } catch (...) {
      auto cause = current_cause();
      std::fprintf(stderr, "error: %s: another rank called it with another size or called something else: %s\n",
                   watched_collective().c_str(), cause.c_str());
      std::fflush(stderr);
      _exit(kRankFailed);
    }
  }
  if (previous_handler != nullptr) previous_handler();
  std::abort();
}

}  // namespace

void watch_for_gloo(const std::shared_ptr<Group>& group) {
  std::lock_guard<std::mutex> lock(watched_mutex);
  watched = group;
  if (std::get_terminate() != on_terminate) previous_handler = std::set_terminate(on_terminate);
}

c10::intrusive_ptr<c10d::ProcessGroup> open_gloo(const c10::intrusive_ptr<c10d::Store>& store,
                                                 const std::string& address, const Membership& membership) {
  auto options = c10d::ProcessGroupGloo::Options::create(std::chrono::milliseconds(membership.timeout_ms));
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (!address.empty()) {
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
  } else if (interface != nullptr && *interface != 0) {
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(interface));
  } else {
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
  }
  auto gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, membership.rank, membership.size, options);
  return compat::as_process_group(gloo, store, membership.rank, membership.size, c10::kCPU, "gloo");
}

}  // namespace panamind
