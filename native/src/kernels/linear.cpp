// A linear layer without bias for a few rows, as decoding has it. The product is bound by reading the weight; a general
// matrix product, made for many rows, copies the weight before it multiplies and reads it at a fraction of the memory's
// speed.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "../compat.h"
#include "kernels.h"

namespace panamind {
namespace {

constexpr int64_t kFewRows = 64;
constexpr int64_t kRowsOfDots = 4;  // up to which each number is a sum over lanes

// What fills the vector registers with sums, so that each number read is used several times.
#ifdef __AVX512F__
constexpr int kLanes = 16, kOuts = 8;
#else
constexpr int kLanes = 8, kOuts = 4;
#endif
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

Lanes lanes_at(const float* data) { return *reinterpret_cast<const Lanes*>(data); }

struct Product {
  const float *x, *weight;  // [rows, width], [outs, width]
  float* y;                 // [rows, outs]
  int64_t rows, outs, width;
};

float dot(const float* a, const float* b, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

void dots(const Product& p) {
  at::parallel_for(0, p.outs, std::max<int64_t>(1, (1 << 15) / p.width), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      // The weight's row stays in the first cache while the few rows of x pass.
      for (int64_t row = 0; row < p.rows; row++) {
        p.y[row * p.outs + o] = dot(p.x + row * p.width, p.weight + o * p.width, p.width);
      }
    }
  });
}

// x in groups of V * kLanes rows, each [width, V * kLanes]: one number of the weight meets a vector of rows. Rows that a
// group lacks are zero.
template <int V>
at::Tensor columns_of(const at::Tensor& x, const Product& p) {
  constexpr int64_t kGroup = V * kLanes;
  const int64_t groups = (p.rows + kGroup - 1) / kGroup;
  auto columns = at::empty({groups, p.width, kGroup}, x.options());
  float* out = columns.data_ptr<float>();
  for (int64_t row = 0; row < groups * kGroup; row++) {
    float* to = out + row / kGroup * p.width * kGroup + row % kGroup;
    for (int64_t i = 0; i < p.width; i++) to[i * kGroup] = row < p.rows ? p.x[row * p.width + i] : 0;
  }
  return columns;
}

// y[first .. first + V * kLanes, out .. out + O] of one group.
template <int V, int O>
void multiply(const Product& p, const float* columns, int64_t first, int64_t out) {
  const float* weight = p.weight + out * p.width;
  Lanes sums[O][V] = {};
  for (int64_t i = 0; i < p.width; i++) {
    Lanes in[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; v++) in[v] = lanes_at(columns + (i * V + v) * kLanes);
#pragma GCC unroll 8
    for (int o = 0; o < O; o++) {
#pragma GCC unroll 8
      for (int v = 0; v < V; v++) sums[o][v] += in[v] * weight[o * p.width + i];
    }
  }
  const int64_t count = std::min<int64_t>(V * kLanes, p.rows - first);
  for (int64_t row = 0; row < count; row++) {
    for (int o = 0; o < O; o++) p.y[(first + row) * p.outs + out + o] = sums[o][row / kLanes][row % kLanes];
  }
}

template <int V, int O>
void multiply_groups(const Product& p, const float* columns, int64_t out) {
  for (int64_t first = 0; first < p.rows; first += V * kLanes) {
    multiply<V, O>(p, columns + first * p.width, first, out);
  }
}

template <int V>
void by_columns(const at::Tensor& x, const Product& p) {
  const auto columns = columns_of<V>(x, p);
  const float* data = columns.template data_ptr<float>();
  const int64_t blocks = p.outs / kOuts;
  at::parallel_for(0, blocks, std::max<int64_t>(1, (1 << 12) / p.width), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) multiply_groups<V, kOuts>(p, data, block * kOuts);
  });
  for (int64_t out = blocks * kOuts; out < p.outs; out++) multiply_groups<V, 1>(p, data, out);
}

at::Tensor few_rows(const at::Tensor& x, const at::Tensor& weight) {
  const int64_t width = weight.size(1), outs = weight.size(0), rows = x.numel() / width;
  auto sizes = x.sizes().vec();
  sizes.back() = outs;
  auto y = at::empty(sizes, x.options());
  const Product p{x.data_ptr<float>(), weight.data_ptr<float>(), y.data_ptr<float>(), rows, outs, width};
  if (rows <= kRowsOfDots) {
    dots(p);
  } else if (rows <= kLanes) {
    by_columns<1>(x, p);
  } else {
    by_columns<2>(x, p);
  }
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
