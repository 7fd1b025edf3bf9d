// A linear layer without bias for a few rows, as decoding has it. The product is bound by reading the weight; a general
// matrix product, made for many rows, copies the weight before it multiplies and reads it at a fraction of the memory's
// speed.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "../compat.h"
#include "kernels.h"
#include "lanes.h"

namespace panamind {
namespace {

constexpr int64_t kFewRows = 64;

// Sums of a column kernel, one for each out and vector of rows.
#ifdef __AVX512F__
constexpr int kOuts = 8;
#else
constexpr int kOuts = 4;
#endif
constexpr int64_t kRowsOfStreams = 4;        // up to which the weight is read as one stream,
constexpr int64_t kRowsOfTiles = 2 * kTile;  // and up to which lanes run along the width; above, along the rows
constexpr int64_t kAhead = 2048;             // numbers of the weight; the memory's own prefetching ends at each page

// y[.. R, out], for all rows. Two sums a row, since one would wait for itself.
template <int R>
void stream(const Product& p, int64_t out) {
  const float* weight = p.weight + out * p.width;
  Lanes sums[2 * R] = {};
  int64_t i = 0;
  for (; i + 2 * kLanes <= p.width; i += 2 * kLanes) {
    const Lanes low = lanes_at(weight + i), high = lanes_at(weight + i + kLanes);
    __builtin_prefetch(weight + i + kAhead);
    __builtin_prefetch(weight + i + kAhead + kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
      sums[r] += low * lanes_at(p.x + r * p.width + i);
      sums[R + r] += high * lanes_at(p.x + r * p.width + i + kLanes);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) sums[r] += sums[R + r];
  float totals[R];
  add_lanes<R>(sums, totals);
  for (; i < p.width; i++) {
    for (int r = 0; r < R; r++) totals[r] += p.x[r * p.width + i] * weight[i];
  }
  for (int r = 0; r < R; r++) p.y[r * p.outs + out] = totals[r];
}

template <int R>
void by_streams(const Product& p) {
  if constexpr (R > 1) {
    if (p.rows < R) return by_streams<R - 1>(p);
  }
  at::parallel_for(0, p.outs, std::max<int64_t>(1, (1 << 15) / p.width), [&](int64_t begin, int64_t end) {
    for (int64_t out = begin; out < end; out++) stream<R>(p, out);
  });
}

void by_tiles(const Product& p) {
  const int64_t grain = std::max<int64_t>(kTile, (1 << 15) / p.width / kTile * kTile);
  at::parallel_for(0, p.outs, grain, [&](int64_t begin, int64_t end) { multiply_tiles(p, begin, end); });
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

// y[first .. first + V * kLanes, out .. out + O] of one group. The weight of the next outs is asked for meanwhile.
template <int V, int O>
void multiply(const Product& p, const float* columns, int64_t first, int64_t out) {
  const float *weight = p.weight + out * p.width, *next = weight + O * p.width;
  Lanes sums[O][V] = {};
  for (int64_t i = 0; i < p.width; i++) {
    if (i % kLanes == 0) {
#pragma GCC unroll 8
      for (int o = 0; o < O; o++) __builtin_prefetch(next + o * p.width + i);
    }
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
  const Product p{x.data_ptr<float>(), weight.data_ptr<float>(), y.data_ptr<float>(), rows, outs, width, width, width,
                  outs};
  if (rows == 0) return y;
  if (rows <= kRowsOfStreams) {
    by_streams<kRowsOfStreams>(p);
  } else if (rows <= kRowsOfTiles) {
    by_tiles(p);
  } else if (rows <= kLanes) {
    by_columns<1>(x, p);
  } else {
    by_columns<2>(x, p);
  }
  return y;
}

}  // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight) {
  const bool plain = is_plain(x) && is_plain(weight) && x.is_contiguous() && weight.is_contiguous();
  if (!needs_graph(x, weight) && plain && weight.dim() == 2 && x.dim() > 0 && x.size(-1) == weight.size(1) &&
      x.numel() <= kFewRows * weight.size(1) && !compat::autocast_enabled(c10::kCPU)) {
    return few_rows(x, weight);
  }
  return at::linear(x, weight);
}

}  // namespace panamind
