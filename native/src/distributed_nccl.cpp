// The backend for CUDA tensors: one process for each GPU, which the caller has made this thread's current device.
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include <cstdlib>

#include "compat.h"
#include "compat_distributed.h"
#include "distributed.h"

namespace panamind {
namespace {

// Mode 2 aborts the communicators of a collective that failed or timed out and leaves the process alone: the default of
// newer versions throws on a thread of its own, which would end the virtual machine without a word. What the user has
// set stands.
void choose_error_handling() {
#if PM_TORCH_AT_LEAST(2, 2)
  setenv("TORCH_NCCL_ASYNC_ERROR_HANDLING", "2", 0);
#else
  setenv("NCCL_ASYNC_ERROR_HANDLING", "2", 0);
#endif
}

}  // namespace

c10::intrusive_ptr<c10d::ProcessGroup> open_nccl(const c10::intrusive_ptr<c10d::Store>& store,
                                                 const Membership& membership) {
  choose_error_handling();
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = std::chrono::milliseconds(membership.timeout_ms);
  auto nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, membership.rank, membership.size, options);
  return compat::as_process_group(nccl, store, membership.rank, membership.size, c10::kCUDA, "nccl");
}

}  // namespace panamind
