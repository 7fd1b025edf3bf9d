// The backend for CPU tensors.
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <cstdlib>

#include "compat_distributed.h"
#include "distributed.h"

namespace panamind {

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
