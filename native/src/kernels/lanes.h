// Vectors of float32 as wide as the machine's, sums over their lanes, and the product of few rows by them.
#pragma once

#include <cstdint>

namespace panamind {

// kTile: so many rows by so many columns of sums fill the registers and leave room for what is multiplied.
#ifdef __AVX512F__
constexpr int kLanes = 16, kTile = 5;
#else
constexpr int kLanes = 8, kTile = 3;
#endif
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef int Places __attribute__((vector_size(kLanes * sizeof(int))));

inline Lanes lanes_at(const float* data) { return *reinterpret_cast<const Lanes*>(data); }
inline void put_lanes(float* data, Lanes lanes) { *reinterpret_cast<Lanes*>(data) = lanes; }

// The sums of neighbouring lanes, first those of a, then those of b.
inline __attribute__((always_inline)) Lanes add_neighbours(Lanes a, Lanes b) {
  Places even, odd;
  for (int i = 0; i < kLanes; i++) {
    even[i] = 2 * i;
    odd[i] = 2 * i + 1;
  }
  return __builtin_shuffle(a, b, even) + __builtin_shuffle(a, b, odd);
}

// N vectors, a power of two: lane i is what is left of vector i % N after log2(N) steps.
template <int N>
inline __attribute__((always_inline)) Lanes fold(const Lanes* sums) {
  if constexpr (N == 1) {
    return sums[0];
  } else {
    return add_neighbours(fold<N / 2>(sums), fold<N / 2>(sums + N / 2));
  }
}

// Each vector's lanes added up; in the same order wherever it stands, so that a row's product does not depend on the
// rows beside it.
template <int N>
inline __attribute__((always_inline)) void add_lanes(const Lanes* sums, float* out) {
  if constexpr (N > kLanes) {
    add_lanes<kLanes>(sums, out);
    add_lanes<N - kLanes>(sums + kLanes, out + kLanes);
  } else {
    Lanes filled[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) filled[i] = sums[i < N ? i : 0];
    const Lanes totals = fold<kLanes>(filled);
    for (int i = 0; i < N; i++) out[i] = totals[i];
  }
}

// y = x weight^T for few rows of x, each row's numbers adjacent.
struct Product {
  const float *x, *weight;  // [rows, width], [outs, width]
  float* y;                 // [rows, outs]
  int64_t rows, outs, width;
  int64_t x_step, weight_step, y_step;  // from one row to the next
};

// y[first .. first + R, out .. out + O]. The weight of the next tile is asked for meanwhile.
template <int R, int O>
inline __attribute__((always_inline)) void tile(const Product& p, int64_t first, int64_t out) {
  const float *x = p.x + first * p.x_step, *weight = p.weight + out * p.weight_step,
              *next = weight + O * p.weight_step;
  Lanes sums[R * O] = {};
  int64_t i = 0;
  for (; i + kLanes <= p.width; i += kLanes) {
    Lanes weights[O];
#pragma GCC unroll 8
    for (int o = 0; o < O; o++) weights[o] = lanes_at(weight + o * p.weight_step + i);
#pragma GCC unroll 8
    for (int o = 0; o < O; o++) __builtin_prefetch(next + o * p.weight_step + i);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      const Lanes in = lanes_at(x + r * p.x_step + i);
#pragma GCC unroll 8
      for (int o = 0; o < O; o++) sums[r * O + o] += in * weights[o];
    }
  }
  float totals[R * O];
  add_lanes<R * O>(sums, totals);
  for (; i < p.width; i++) {
    for (int r = 0; r < R; r++) {
      for (int o = 0; o < O; o++) totals[r * O + o] += x[r * p.x_step + i] * weight[o * p.weight_step + i];
    }
  }
  for (int r = 0; r < R; r++) {
    for (int o = 0; o < O; o++) p.y[(first + r) * p.y_step + out + o] = totals[r * O + o];
  }
}

// All rows from `first` on, R at a time, then what is left.
template <int R, int O>
inline __attribute__((always_inline)) void tiles(const Product& p, int64_t first, int64_t out) {
  for (; first + R <= p.rows; first += R) tile<R, O>(p, first, out);
  if constexpr (R > 1) {
    if (first < p.rows) tiles<R - 1, O>(p, first, out);
  }
}

// All rows of y[.., begin .. end].
inline void multiply_tiles(const Product& p, int64_t begin, int64_t end) {
  for (; begin + kTile <= end; begin += kTile) tiles<kTile, kTile>(p, 0, begin);
  for (; begin < end; begin++) tiles<kTile, 1>(p, 0, begin);
}

}  // namespace panamind
