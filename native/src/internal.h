// What every file of the shim shares: the error barrier and the passage between handles and at::Tensor.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "panamind.h"

namespace panamind {

// The call itself is wrong, before LibTorch is asked.
struct ArgumentError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A caller's callback returned non-zero.
struct CallbackError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A store or a collective failed or timed out.
struct DistributedError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

int32_t fail(int32_t status, std::string message, std::string detail) noexcept;
int32_t fail_current() noexcept;

// The barrier: runs the body, turns whatever it throws into a status and a message of this thread.
template <class Body>
int32_t guard(Body&& body) noexcept {
  try {
    body();
    return PM_OK;
  } catch (...) {
    return fail_current();
  }
}

void count_handles(int64_t change) noexcept;

// A new reference for the caller.
inline pm_tensor give(at::Tensor tensor) {
  if (!tensor.defined()) return nullptr;
  count_handles(1);
  return reinterpret_cast<pm_tensor>(tensor.unsafeReleaseTensorImpl());
}

// A second reference to a borrowed handle.
inline at::Tensor take(pm_tensor handle) {
  if (handle == nullptr) return at::Tensor();
  auto* impl = reinterpret_cast<c10::TensorImpl*>(handle);
  c10::raw::intrusive_ptr::incref(impl);
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(impl));
}

// The same where the undefined tensor makes no sense.
inline at::Tensor need(pm_tensor handle, const char* what) {
  if (handle == nullptr) throw ArgumentError(std::string(what) + " is NULL");
  return take(handle);
}

inline std::vector<at::Tensor> take_all(const pm_tensor* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; i++) tensors.push_back(take(handles[i]));
  return tensors;
}

// Text of unknown length into the caller's buffer.
void put_text(const std::string& text, char* buffer, int64_t capacity, int64_t* needed);

}  // namespace panamind
