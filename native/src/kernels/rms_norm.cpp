// Root mean square normalisation (Zhang and Sennrich 2019, arXiv:1910.07467, eq. 4): y = x / sqrt(mean(x^2) + eps) * w.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "kernels.h"

namespace panamind {
namespace {

constexpr int64_t kRowsPerChunk = 64;  // of the weight's gradient: partial sums are added in this order on any machine

struct Rows {
  int64_t count, width;
};

void forward_rows(const float* x, const float* w, float* y, float* scale, Rows rows, float eps) {
  at::parallel_for(0, rows.count, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* in = x + row * rows.width;
      float* out = y + row * rows.width;
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t i = 0; i < rows.width; i++) sum += in[i] * in[i];
      const float s = 1.0f / std::sqrt(sum / static_cast<float>(rows.width) + eps);
      scale[row] = s;
#pragma omp simd
      for (int64_t i = 0; i < rows.width; i++) out[i] = in[i] * s * w[i];
    }
  });
}

void backward_rows(const float* dy, const float* x, const float* w, const float* scale, float* dx, float* dw_parts,
                   Rows rows) {
  const int64_t chunks = (rows.count + kRowsPerChunk - 1) / kRowsPerChunk;
  at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; chunk++) {
      float* dw = dw_parts + chunk * rows.width;
      const int64_t stop = std::min(rows.count, (chunk + 1) * kRowsPerChunk);
      for (int64_t row = chunk * kRowsPerChunk; row < stop; row++) {
        const float *in = x + row * rows.width, *grad = dy + row * rows.width;
        float* out = dx + row * rows.width;
        const float s = scale[row];
        float dot = 0;
#pragma omp simd reduction(+ : dot)
        for (int64_t i = 0; i < rows.width; i++) dot += grad[i] * w[i] * in[i];
        const float shared = dot * s * s * s / static_cast<float>(rows.width);
#pragma omp simd
        for (int64_t i = 0; i < rows.width; i++) {
          out[i] = grad[i] * w[i] * s - in[i] * shared;
          dw[i] += grad[i] * in[i] * s;
        }
      }
    }
  });
}

// scale: [rows], what each row was multiplied by.
at::Tensor normalised(const at::Tensor& x, const at::Tensor& weight, double eps, at::Tensor& scale) {
  auto y = at::empty_like(x);
  const Rows rows{x.numel() / x.size(-1), x.size(-1)};
  scale = at::empty({rows.count}, x.options());
  forward_rows(x.data_ptr<float>(), weight.data_ptr<float>(), y.data_ptr<float>(), scale.data_ptr<float>(), rows,
               static_cast<float>(eps));
  return y;
}

class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& given,
                            const at::Tensor& weight, double eps) {
    auto x = given.contiguous();
    at::Tensor scale;
    auto y = normalised(x, weight, eps, scale);
    context->save_for_backward({x, weight, scale});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &scale = saved[2];
    auto dy = gradients[0].contiguous();
    const Rows rows{x.numel() / x.size(-1), x.size(-1)};
    auto dx = at::empty_like(x);
    auto parts = at::zeros({(rows.count + kRowsPerChunk - 1) / kRowsPerChunk, rows.width}, x.options());
    backward_rows(dy.data_ptr<float>(), x.data_ptr<float>(), weight.data_ptr<float>(), scale.data_ptr<float>(),
                  dx.data_ptr<float>(), parts.data_ptr<float>(), rows);
    return {dx, parts.sum(0), at::Tensor()};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  TORCH_CHECK(x.dim() > 0 && weight.dim() == 1 && x.size(-1) == weight.size(0), "rms_norm: x is ", x.sizes(),
              ", weight ", weight.sizes());
  if (is_plain(x) && is_plain(weight) && weight.is_contiguous()) {
    if (needs_graph(x, weight)) return RmsNorm::apply(x, weight, eps);
    at::Tensor scale;
    return normalised(x.contiguous(), weight, eps, scale);
  }
  auto wide = x.to(at::kFloat);
  auto normal = wide * at::rsqrt(wide.square().mean(-1, true) + eps);
  return (normal * weight).to(x.scalar_type());
}

}  // namespace panamind
