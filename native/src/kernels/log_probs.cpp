// The head and the log-probabilities of given classes in one: log softmax(x W^T / T)[target] a row, in chunks of rows,
// so that the [rows, V] logits are never held whole. Unlike a summed loss each row's gradient comes from outside, so
// the backward computes the logits of a chunk again from the saved log-sums (Chen et al. 2016, arXiv:1604.06174).
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
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

// In blocks, so that the error does not grow with the count in whichever order a compiler adds: GCC 14 adds one by one.
float sum_of_exp(const float* x, int64_t count, float top, float scale) {
  constexpr int64_t kBlock = 512;
  double total = 0;
  for (int64_t start = 0; start < count; start += kBlock) {
    const int64_t end = std::min(count, start + kBlock);
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = start; i < end; i++) sum += vector_exp((x[i] - top) * scale);
    total += sum;
  }
  return static_cast<float>(total);
}

// logits: [rows, classes] of x W^T; fills each row's log-probability of its target and logarithm of its sum.
void values_plain(const at::Tensor& logits, const at::Tensor& target, float scale, float* values, float* log_sums) {
  const int64_t classes = logits.size(1);
  const float* data = logits.data_ptr<float>();
  const auto* wanted = target.data_ptr<int64_t>();
  at::parallel_for(0, logits.size(0), 4, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* in = data + row * classes;
      float top = in[0];
#pragma omp simd reduction(max : top)
      for (int64_t i = 0; i < classes; i++) top = std::max(top, in[i]);
      const float sum = sum_of_exp(in, classes, top, scale);
      log_sums[row] = top * scale + std::log(sum);
      values[row] = (in[wanted[row]] - top) * scale - std::log(sum);
    }
  });
}

// Logits become gradient * scale * (onehot(target) - softmax) in place.
void deltas_plain(at::Tensor& logits, const at::Tensor& target, float scale, const at::Tensor& log_sums,
                  const at::Tensor& gradient) {
  const int64_t classes = logits.size(1);
  float* data = logits.data_ptr<float>();
  const auto* wanted = target.data_ptr<int64_t>();
  const float *sums = log_sums.data_ptr<float>(), *given = gradient.data_ptr<float>();
  at::parallel_for(0, logits.size(0), 4, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      float* out = data + row * classes;
      const float factor = given[row] * scale, sum = sums[row];
#pragma omp simd
      for (int64_t i = 0; i < classes; i++) out[i] = -factor * vector_exp(out[i] * scale - sum);
      out[wanted[row]] += factor;
    }
  });
}

struct Values {
  at::Tensor values, log_sums;  // [rows] float32
};

Values run(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target, double scale) {
  const int64_t rows = x.size(0), step = rows_per_chunk(weight.size(0));
  const bool plain = is_plain(x) && is_plain(weight);
  Values result{at::empty({rows}, x.options().dtype(at::kFloat)), at::empty({rows}, x.options().dtype(at::kFloat))};
  for (int64_t start = 0; start < rows; start += step) {
    const int64_t count = std::min(step, rows - start);
    auto logits = at::mm(x.narrow(0, start, count), weight.t());
    auto wanted = target.narrow(0, start, count);
    auto values = result.values.narrow(0, start, count), log_sums = result.log_sums.narrow(0, start, count);
    if (plain) {
      values_plain(logits, wanted, static_cast<float>(scale), values.data_ptr<float>(), log_sums.data_ptr<float>());
    } else {
      auto wide = logits.to(at::kFloat).mul_(scale);
      log_sums.copy_(wide.logsumexp(1));
      values.copy_(wide.gather(1, wanted.unsqueeze(1)).squeeze(1) - log_sums);
    }
  }
  return result;
}

class LinearLogProbs : public torch::autograd::Function<LinearLogProbs> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& target, double scale, at::ScalarType type) {
    auto states = x.to(type).contiguous(), head = weight.to(type);
    auto result = run(states, head, target, scale);
    context->save_for_backward({states, head, target, result.log_sums});
    context->saved_data["scale"] = scale;
    context->saved_data["x_type"] = static_cast<int64_t>(x.scalar_type());
    context->saved_data["weight_type"] = static_cast<int64_t>(weight.scalar_type());
    return result.values;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &target = saved[2], &log_sums = saved[3];
    const double scale = context->saved_data["scale"].toDouble();
    const int64_t rows = x.size(0), step = rows_per_chunk(weight.size(0));
    const bool plain = is_plain(x) && is_plain(weight);
    auto given = gradients[0].to(at::kFloat).contiguous();
    auto dx = at::empty_like(x);
    auto dweight = at::zeros(weight.sizes(), weight.options().dtype(at::kFloat));
    for (int64_t start = 0; start < rows; start += step) {
      const int64_t count = std::min(step, rows - start);
      auto part = x.narrow(0, start, count), wanted = target.narrow(0, start, count);
      auto sums = log_sums.narrow(0, start, count), factors = given.narrow(0, start, count);
      auto deltas = at::mm(part, weight.t());
      if (plain) {
        deltas_plain(deltas, wanted, static_cast<float>(scale), sums, factors);
        dweight.addmm_(deltas.t(), part);
      } else {
        auto column = wanted.unsqueeze(1), factor = (factors * scale).unsqueeze(1);
        auto wide = (deltas.to(at::kFloat).mul_(scale) - sums.unsqueeze(1)).exp_().mul_(-factor);
        deltas = wide.scatter_add_(1, column, factor).to(x.scalar_type());
        dweight += at::mm(deltas.t(), part);
      }
      auto dx_part = dx.narrow(0, start, count);
      at::mm_out(dx_part, deltas, weight);
    }
    auto x_type = static_cast<at::ScalarType>(context->saved_data["x_type"].toInt());
    auto weight_type = static_cast<at::ScalarType>(context->saved_data["weight_type"].toInt());
    return {dx.to(x_type), dweight.to(weight_type), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

void check(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target, double temperature) {
  TORCH_CHECK(x.dim() == 2 && weight.dim() == 2 && target.dim() == 1 && x.size(1) == weight.size(1) &&
                  x.size(0) == target.size(0) && target.scalar_type() == at::kLong,
              "linear_log_probs: x is ", x.sizes(), ", weight ", weight.sizes(), ", target ", target.sizes(), " ",
              target.scalar_type());
  TORCH_CHECK(temperature > 0, "linear_log_probs: the temperature is ", temperature, ", must be above 0");
  if (!target.device().is_cpu()) return;  // CUDA's gather asserts the range on the device
  const auto* wanted = target.data_ptr<int64_t>();
  for (int64_t i = 0; i < target.numel(); i++) {
    TORCH_CHECK(wanted[i] >= 0 && wanted[i] < weight.size(0), "linear_log_probs: target ", wanted[i], " of ",
                weight.size(0), " classes");
  }
}

}  // namespace

at::Tensor linear_log_probs(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& target,
                            double temperature) {
  auto wanted = target.contiguous();
  check(x, weight, wanted, temperature);
  const auto device = x.device().type();
  const bool cast = compat::autocast_enabled(device);
  const auto type = cast ? compat::autocast_dtype(device) : at::promote_types(x.scalar_type(), weight.scalar_type());
  if (needs_graph(x, weight)) {
    return LinearLogProbs::apply(x, weight, wanted, 1 / temperature, type);
  }
  return run(x.to(type).contiguous(), weight.to(type), wanted, 1 / temperature).values;
}

}  // namespace panamind
