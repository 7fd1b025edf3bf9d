// Operators of our own, registered as panamind::*: what the eager form would do in several passes over memory.
// On the CPU in float32 they are loops of ours; elsewhere they are written in LibTorch's operators.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <c10/util/Optional.h>

namespace panamind {

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight);
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
at::Tensor rope(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const c10::optional<at::Tensor>& first_key);
at::Tensor cache_append(at::Tensor& cache, const at::Tensor& x, int64_t length);
at::Tensor linear_cross_entropy(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target,
                                const c10::optional<at::Tensor>& row_weight, int64_t ignored);
at::Tensor linear_log_probs(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target,
                            double temperature);

// Float32, row-major and on the CPU: what the loops take.
inline bool is_plain(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat;
}

// Whether autograd wants to know of an operator on these; if not, the cost of telling it is saved.
template <class... Tensors>
bool needs_graph(const Tensors&... tensors) {
  return at::GradMode::is_enabled() && (tensors.requires_grad() || ...);
}

}  // namespace panamind
