// Differences between LibTorch versions stand here and nowhere else.
#pragma once

#include <ATen/Functions.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/version.h>

#include <cmath>
#include <limits>

#define PM_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

// Allocator::allocate lost its const in 2.3, and copy_data became pure virtual there.
#if PM_TORCH_AT_LEAST(2, 3)
#define PM_ALLOCATE_CONST
#else
#define PM_ALLOCATE_CONST const
#endif

namespace panamind {
namespace compat {

inline bool has_operator(const char* name, const char* overload) {
  return c10::Dispatcher::singleton().findSchema({name, overload}).has_value();
}

// Autocast by device type came in 2.4; before, CUDA and CPU had functions of their own.
#if PM_TORCH_AT_LEAST(2, 4)
inline bool autocast_enabled(c10::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
inline c10::ScalarType autocast_dtype(c10::DeviceType device) { return at::autocast::get_autocast_dtype(device); }
inline void set_autocast(c10::DeviceType device, bool enabled, c10::ScalarType dtype) {
  at::autocast::set_autocast_dtype(device, dtype);  // first: it may refuse the type
  at::autocast::set_autocast_enabled(device, enabled);
}
#else
inline bool autocast_enabled(c10::DeviceType device) {
  return device == c10::kCUDA ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
}
inline c10::ScalarType autocast_dtype(c10::DeviceType device) {
  return device == c10::kCUDA ? at::autocast::get_autocast_gpu_dtype() : at::autocast::get_autocast_cpu_dtype();
}
inline void set_autocast(c10::DeviceType device, bool enabled, c10::ScalarType dtype) {
  if (device == c10::kCUDA) {
    at::autocast::set_autocast_gpu_dtype(dtype);  // first: it may refuse the type
    at::autocast::set_enabled(enabled);
  } else {
    at::autocast::set_autocast_cpu_dtype(dtype);
    at::autocast::set_cpu_enabled(enabled);
  }
}
#endif

// Attention became a public operator in 2.0; before, it is written out.
// q, k, v: [B, H, T, D]; mask: bool, true where a key is seen, or undefined.
inline at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
                            bool causal) {
#if PM_TORCH_AT_LEAST(2, 0)
  c10::optional<at::Tensor> given;
  if (mask.defined()) given = mask;
  return at::scaled_dot_product_attention(q, k, v, given, 0.0, causal);
#else
  auto scores = at::matmul(q, k.transpose(-2, -1)) / std::sqrt(static_cast<double>(q.size(-1)));
  auto seen = mask;
  if (causal) seen = at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).tril(k.size(-2) - q.size(-2));
  if (seen.defined()) scores = scores.masked_fill(seen.logical_not(), -std::numeric_limits<double>::infinity());
  return at::matmul(at::softmax(scores.to(at::kFloat), -1).to(v.scalar_type()), v);
#endif
}

// Newer TCP stores prefer libuv, without which some LibTorchs are built; the plain server is in all. Chosen where the
// options know the difference (the int overload), else left (the long one).
template <class Options>
auto choose_plain_sockets(Options& options, int) -> decltype(options.useLibUV = false, void()) {
  options.useLibUV = false;
}
template <class Options>
void choose_plain_sockets(Options&, long) {}

}  // namespace compat
}  // namespace panamind
