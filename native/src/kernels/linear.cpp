// A linear layer without bias for a few rows, as decoding has it. The product is bound by reading the weight; a general
// matrix product, made for many rows, reads it at a fraction of the memory's speed.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "../compat.h"
#include "kernels.h"

namespace panamind {
namespace {

constexpr int64_t kFewRows = 8;

float dot(const float* a, const float* b, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

at::Tensor few_rows(const at::Tensor& x, const at::Tensor& weight) {
  const int64_t width = weight.size(1), outs = weight.size(0), rows = x.numel() / width;
  auto sizes = x.sizes().vec();
  sizes.back() = outs;
  auto y = at::empty(sizes, x.options());
  const float *in = x.data_ptr<float>(), *w = weight.data_ptr<float>();
  float* out = y.data_ptr<float>();
  at::parallel_for(0, outs, std::max<int64_t>(1, (1 << 15) / width), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      // The weight's row stays in the first cache while the few rows of x pass.
      for (int64_t row = 0; row < rows; row++) out[row * outs + o] = dot(in + row * width, w + o * width, width);
    }
  });
  return y;
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight) {
  const bool graph = at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad());
  const bool plain = is_plain(x) && is_plain(weight) && x.is_contiguous() && weight.is_contiguous();
  if (!graph && plain && weight.dim() == 2 && x.dim() > 0 && x.size(-1) == weight.size(1) &&
      x.numel() <= kFewRows * weight.size(1) && !compat::autocast_enabled(c10::kCPU)) {
    return few_rows(x, weight);
  }
  return at::linear(x, weight);
}

}  // namespace panamind
