// The head and its cross-entropy in one: sum over rows of weight * -log softmax(x W^T)[target], in chunks of rows, so
// that the [rows, V] logits are never held whole. The gradients are made on the way (the idea of Cut Cross-Entropy and
// Liger: Wijmans et al. 2024, arXiv:2411.09009; Hsu et al. 2024, arXiv:2410.10989): no chunk is computed twice. Rows
// that do not count cost nothing.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "../compat.h"
#include "kernels.h"
#include "vector_math.h"

namespace panamind {
namespace {

// 8 Mi logits a chunk: 32 MiB in float32.
int64_t rows_per_chunk(int64_t classes) { return std::max<int64_t>(64, (int64_t{8} << 20) / classes); }

// One row in place: logits become weight * (softmax - onehot(target)) when wanted; returns weight * -log p(target).
double row_loss(float* logits, int64_t classes, int64_t target, float weight, bool gradient) {
  float top = logits[0];
#pragma omp simd reduction(max : top)
  for (int64_t i = 0; i < classes; i++) top = std::max(top, logits[i]);
  const float at_target = logits[target] - top;
  float sum = 0;
  if (gradient) {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < classes; i++) {
      const float e = vector_exp(logits[i] - top);
      logits[i] = e;
      sum += e;
    }
    const float scale = weight / sum;
#pragma omp simd
    for (int64_t i = 0; i < classes; i++) logits[i] *= scale;
    logits[target] -= weight;
  } else {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < classes; i++) sum += vector_exp(logits[i] - top);
  }
  // A NaN anywhere is in the sum; one in the maximum alone cannot hide.
  return static_cast<double>(weight) * (std::log(static_cast<double>(sum)) - at_target);
}

double chunk_loss_plain(at::Tensor& logits, const at::Tensor& target, const at::Tensor& row_weight, bool gradient) {
  const int64_t rows = logits.size(0), classes = logits.size(1);
  float* data = logits.data_ptr<float>();
  const auto* wanted = target.data_ptr<int64_t>();
  const float* weights = row_weight.defined() ? row_weight.data_ptr<float>() : nullptr;
  std::vector<double> losses(rows);
  at::parallel_for(0, rows, 4, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      losses[row] = row_loss(data + row * classes, classes, wanted[row], weights ? weights[row] : 1.0f, gradient);
    }
  });
  double total = 0;
  for (double loss : losses) total += loss;
  return total;
}

at::Tensor chunk_loss_general(at::Tensor& logits, const at::Tensor& target, const at::Tensor& row_weight,
                              bool gradient) {
  auto wide = logits.to(at::kFloat);
  auto column = target.unsqueeze(1);
  auto log_sum = wide.logsumexp(1, true);
  auto losses = (log_sum - wide.gather(1, column)).squeeze(1);
  if (row_weight.defined()) losses = losses * row_weight;
  if (gradient) {
    auto delta = (wide - log_sum).exp_();
    delta.scatter_add_(1, column, at::full_like(column, -1, delta.options()));
    if (row_weight.defined()) delta.mul_(row_weight.unsqueeze(1));
    logits = delta.to(logits.scalar_type());
  }
  return losses.sum();
}

struct Result {
  at::Tensor loss, dx, dweight;
};

// dx and dweight are those of the sum of losses; undefined when no gradient is wanted.
Result run(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target, const at::Tensor& row_weight,
           bool gradient) {
  const int64_t rows = x.size(0), classes = weight.size(0), step = rows_per_chunk(classes);
  const bool plain = is_plain(x) && is_plain(weight);
  Result result;
  if (gradient) {
    result.dx = at::empty_like(x);
    result.dweight = at::zeros(weight.sizes(), weight.options().dtype(at::kFloat));
  }
  double host_loss = 0;
  auto device_loss = at::zeros({}, x.options().dtype(at::kFloat));
  for (int64_t start = 0; start < rows; start += step) {
    const int64_t count = std::min(step, rows - start);
    auto part = x.narrow(0, start, count);
    auto logits = at::mm(part, weight.t());
    auto wanted = target.narrow(0, start, count);
    auto weights = row_weight.defined() ? row_weight.narrow(0, start, count) : at::Tensor();
    if (plain) {
      host_loss += chunk_loss_plain(logits, wanted, weights, gradient);
    } else {
      device_loss += chunk_loss_general(logits, wanted, weights, gradient);
    }
    if (!gradient) continue;
    auto dx_part = result.dx.narrow(0, start, count);
    at::mm_out(dx_part, logits, weight);
    if (plain) {
      result.dweight.addmm_(logits.t(), part);
    } else {
      result.dweight += at::mm(logits.t(), part);
    }
  }
  result.loss = plain ? at::full({}, host_loss, x.options()) : device_loss;
  return result;
}

class LinearCrossEntropy : public torch::autograd::Function<LinearCrossEntropy> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& target, const c10::optional<at::Tensor>& row_weight,
                            at::ScalarType type) {
    auto result = run(x.to(type).contiguous(), weight.to(type), target, row_weight.value_or(at::Tensor()), true);
    context->save_for_backward({result.dx, result.dweight});
    context->saved_data["x_type"] = static_cast<int64_t>(x.scalar_type());
    context->saved_data["weight_type"] = static_cast<int64_t>(weight.scalar_type());
    return result.loss;
  }

  // The saved gradients are scaled in place: a second backward through the same graph is refused by save_for_backward's
  // version check, not answered wrongly.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto x_type = static_cast<at::ScalarType>(context->saved_data["x_type"].toInt());
    auto weight_type = static_cast<at::ScalarType>(context->saved_data["weight_type"].toInt());
    auto dx = saved[0].mul_(gradients[0]).to(x_type);
    auto dweight = saved[1].mul_(gradients[0]).to(weight_type);
    return {dx, dweight, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

void check(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target, const at::Tensor& row_weight) {
  TORCH_CHECK(x.dim() == 2 && weight.dim() == 2 && target.dim() == 1 && x.size(1) == weight.size(1) &&
                  x.size(0) == target.size(0) && target.scalar_type() == at::kLong,
              "linear_cross_entropy: x is ", x.sizes(), ", weight ", weight.sizes(), ", target ", target.sizes(), " ",
              target.scalar_type());
  TORCH_CHECK(!row_weight.defined() || row_weight.sizes() == target.sizes(), "linear_cross_entropy: row_weight is ",
              row_weight.sizes(), ", target ", target.sizes());
}

// A target outside the classes would be read outside the logits.
void check_range(const at::Tensor& target, int64_t classes) {
  if (!target.device().is_cpu()) return;  // CUDA's gather asserts it on the device
  const auto* wanted = target.data_ptr<int64_t>();
  for (int64_t i = 0; i < target.numel(); i++) {
    TORCH_CHECK(wanted[i] >= 0 && wanted[i] < classes, "linear_cross_entropy: target ", wanted[i], " of ", classes,
                " classes");
  }
}

}  // namespace

at::Tensor linear_cross_entropy(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target,
                                const c10::optional<at::Tensor>& row_weight, int64_t ignored) {
  auto weights = row_weight.value_or(at::Tensor());
  check(x, weight, target, weights);
  auto counting = at::nonzero(target != ignored).squeeze(1);
  const bool all = counting.size(0) == target.size(0);
  auto rows = all ? x : x.index_select(0, counting);
  auto wanted = (all ? target : target.index_select(0, counting)).contiguous();
  if (weights.defined()) {
    weights = (all ? weights : weights.index_select(0, counting)).to(at::kFloat).contiguous();
  }
  check_range(wanted, weight.size(0));
  const auto device = x.device().type();
  const bool cast = compat::autocast_enabled(device);
  const auto type = cast ? compat::autocast_dtype(device) : at::promote_types(x.scalar_type(), weight.scalar_type());
  if (needs_graph(x, weight)) {
    // An undefined tensor is no argument for an autograd function; an empty optional is.
    return LinearCrossEntropy::apply(rows, weight, wanted,
                                     weights.defined() ? c10::optional<at::Tensor>(weights) : c10::nullopt, type);
  }
  return run(rows.to(type).contiguous(), weight.to(type), wanted, weights, false).loss;
}

}  // namespace panamind
