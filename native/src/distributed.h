// What the files of the distributed part share: a process group, and a collective in flight.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "internal.h"

struct pm_store_s {
  c10::intrusive_ptr<c10d::Store> store;
};

namespace panamind {

using Clock = std::chrono::steady_clock;

// What is being caught, in one line and without a C++ backtrace.
std::string current_cause();

// Runs the body; whatever it throws becomes a DistributedError that starts with describe().
template <class Body, class Describe>
auto distributed(Body&& body, Describe&& describe) -> decltype(body()) {
  try {
    return body();
  } catch (const ArgumentError&) {
    throw;
  } catch (const DistributedError&) {
    throw;
  } catch (...) {
    throw DistributedError(describe() + ": " + current_cause());
  }
}

std::string seconds(int64_t milliseconds);

// Who takes part, for messages.
struct Membership {
  std::string backend;
  int rank;
  int size;
  int64_t timeout_ms;
};

// One collective from its start on. c10d's work object keeps the tensors alive.
class Collective {
 public:
  Collective(std::string name, int64_t bytes, int64_t number, std::shared_ptr<const Membership> membership);

  void wait(int64_t timeout_ms);
  bool completed() const;
  // "all_reduce of 4096 bytes (collective 12 of rank 0 of 2 over gloo)"
  std::string describe() const;
  // The same with the time it has run and the time-out.
  std::string describe_failure() const;
  int64_t age_ms() const;

  // Undefined where there was nothing to send.
  c10::intrusive_ptr<c10d::Work> work;
  // What is left to do once the work is done.
  std::function<void()> finish;
  void finish_once();

 private:
  void wait_on_device(int64_t timeout_ms);

  const std::string name_;
  const int64_t bytes_;
  const int64_t number_;
  const std::shared_ptr<const Membership> membership_;
  const Clock::time_point started_ = Clock::now();
  std::once_flag finished_;
};

class Group {
 public:
  Group(c10::intrusive_ptr<c10d::ProcessGroup> group, Membership membership);

  std::shared_ptr<Collective> all_reduce(const at::Tensor& tensor, int32_t reduction, const std::string& name);
  std::shared_ptr<Collective> broadcast(const at::Tensor& tensor, int32_t root);
  std::shared_ptr<Collective> all_gather(const at::Tensor& output, const at::Tensor& input);
  std::shared_ptr<Collective> reduce_scatter(const at::Tensor& output, const at::Tensor& input, int32_t reduction);
  std::shared_ptr<Collective> barrier();
  // The oldest that is not completed, or null.
  std::shared_ptr<Collective> oldest_in_flight();

  const c10::intrusive_ptr<c10d::ProcessGroup> group;
  const std::shared_ptr<const Membership> membership;

 private:
  template <class Start>
  std::shared_ptr<Collective> start(const std::string& name, const at::Tensor& tensor, Start&& start);
  void check(const at::Tensor& tensor, const char* what) const;
  void forget_completed();
  bool over_gloo() const;

  // Guards the two below: a watchdog asks from another thread.
  std::mutex mutex_;
  std::deque<std::shared_ptr<Collective>> in_flight_;
  int64_t started_ = 0;
};

// Each backend in a file of its own, compiled where LibTorch and the headers have it.
c10::intrusive_ptr<c10d::ProcessGroup> open_gloo(const c10::intrusive_ptr<c10d::Store>& store,
                                                 const std::string& address, const Membership& membership);
// Lets what Gloo throws on threads of its own end the process with a word on this group's collective.
void watch_for_gloo(const std::shared_ptr<Group>& group);
c10::intrusive_ptr<c10d::ProcessGroup> open_nccl(const c10::intrusive_ptr<c10d::Store>& store,
                                                 const Membership& membership);

}  // namespace panamind

struct pm_group_s {
  std::shared_ptr<panamind::Group> group;
};

struct pm_work_s {
  std::shared_ptr<panamind::Collective> collective;
  // c10d ends a group's threads with the group, so a work that is waited for keeps it.
  std::shared_ptr<panamind::Group> group;
};
