// A linear layer without bias for a few rows, as decoding has it. The product is bound by reading the weight; a general
// matrix product, made for many rows, reads it at a fraction of the memory's speed.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "../compat.h"
#include "kernels.h"

namespace panamind {
namespace {

constexpr int64_t kFewRows = 16;

// Rows of x and of the weight that are multiplied together: their sums fill the vector registers, so that each number
// read is used several times.
#ifdef __AVX512F__
constexpr int kLanes = 16, kRows = 4, kOuts = 4;
#else
constexpr int kLanes = 8, kRows = 2, kOuts = 4;
#endif
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

Lanes lanes_at(const float* data) { return *reinterpret_cast<const Lanes*>(data); }

struct Product {
  const float *x, *weight;  // [rows, width], [outs, width]
  float* y;                 // [rows, outs]
  int64_t rows, outs, width;
};

// y[row .. row + R, out .. out + O]. Each number is added up in one order whatever R and O are, so that a row's result
// does not depend on the rows beside it.
template <int R, int O>
void multiply(const Product& p, int64_t row, int64_t out) {
  const float *x = p.x + row * p.width, *w = p.weight + out * p.width;
  Lanes sums[R][O] = {};
  const int64_t whole = p.width / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    Lanes in[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) in[r] = lanes_at(x + r * p.width + i);
#pragma GCC unroll 8
    for (int o = 0; o < O; o++) {
      const Lanes weight = lanes_at(w + o * p.width + i);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) sums[r][o] += in[r] * weight;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 8
    for (int o = 0; o < O; o++) {
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int lane = 0; lane < kLanes; lane++) sum += sums[r][o][lane];
      for (int64_t i = whole; i < p.width; i++) sum += x[r * p.width + i] * w[o * p.width + i];
      p.y[(row + r) * p.outs + out + o] = sum;
    }
  }
}

// The weight's rows [out, out + O) stay in the first cache while all rows of x pass.
template <int O>
void multiply_all(const Product& p, int64_t out) {
  int64_t row = 0;
  for (; row + kRows <= p.rows; row += kRows) multiply<kRows, O>(p, row, out);
  for (; row < p.rows; row++) multiply<1, O>(p, row, out);
}

at::Tensor few_rows(const at::Tensor& x, const at::Tensor& weight) {
  const int64_t width = weight.size(1), outs = weight.size(0), rows = x.numel() / width;
  auto sizes = x.sizes().vec();
  sizes.back() = outs;
  auto y = at::empty(sizes, x.options());
  const Product p{x.data_ptr<float>(), weight.data_ptr<float>(), y.data_ptr<float>(), rows, outs, width};
  const int64_t blocks = outs / kOuts;
  at::parallel_for(0, blocks, std::max<int64_t>(1, (1 << 13) / width), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) multiply_all<kOuts>(p, block * kOuts);
  });
  for (int64_t out = blocks * kOuts; out < outs; out++) multiply_all<1>(p, out);
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
