// Causal attention with shared key/value heads (Vaswani et al. 2017, arXiv:1706.03762; Ainslie et al. 2023,
// arXiv:2305.13245). On the CPU in float32 block by block: only keys that a block of queries may see are computed, the
// [T, T] weights are never held whole, and the backward computes them again from the saved log-sums (Dao et al. 2022,
// arXiv:2205.14135). Heads are read where they lie; nothing is transposed or repeated.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

#include "../compat.h"
#include "kernels.h"
#include "lanes.h"
#include "vector_math.h"

namespace panamind {
namespace {

constexpr int64_t kQueryBlock = 256;
constexpr int64_t kFewQueries = 4;  // up to which plain loops beat a matrix product

// q: [B, Tq, H, D]; k, v: [B, Tk, K, D], elements of a head adjacent. Query t sees keys first[b, t] .. Tk - Tq + t.
struct Shape {
  int64_t batch, queries, keys, heads, kv_heads, width;

  int64_t past() const { return keys - queries; }
  int64_t kv_head(int64_t head) const { return head / (heads / kv_heads); }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(width)); }
};

Shape shape_of(const at::Tensor& q, const at::Tensor& k) {
  return {q.size(0), q.size(1), k.size(1), q.size(2), k.size(2), q.size(3)};
}

struct Row {
  int64_t first, end;  // keys [first, end) are seen
};

class Visible {
 public:
  Visible(const at::Tensor& first_key, const Shape& shape)
      : first_(first_key.defined() ? first_key.data_ptr<int64_t>() : nullptr), shape_(shape) {}

  Row of(int64_t batch, int64_t query) const {
    const int64_t end = shape_.past() + query + 1;
    // A query that may see nothing (padding) looks at itself: any finite answer will do, NaN would spread.
    const int64_t first = first_ == nullptr ? 0 : std::min(first_[batch * shape_.queries + query], end - 1);
    return {std::max<int64_t>(first, 0), end};
  }

 private:
  const int64_t* first_;
  const Shape& shape_;
};

// Scores of one query become weights in place, zero where it sees nothing; returns the logarithm of their sum.
float softmax_row(float* scores, Row row, int64_t width, float scale) {
  float top = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : top)
  for (int64_t i = row.first; i < row.end; i++) top = std::max(top, scores[i]);
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = row.first; i < row.end; i++) {
    const float e = vector_exp((scores[i] - top) * scale);
    scores[i] = e;
    sum += e;
  }
  const float inverse = 1.0f / sum;
#pragma omp simd
  for (int64_t i = row.first; i < row.end; i++) scores[i] *= inverse;
  std::fill(scores, scores + row.first, 0.0f);
  std::fill(scores + row.end, scores + width, 0.0f);
  return top * scale + std::log(sum);
}

// One head of one sample as a matrix [T, D] with the heads' stride between rows.
at::Tensor head_of(const at::Tensor& x, int64_t batch, int64_t head) { return x.select(0, batch).select(1, head); }

// out[r] = sum over i of weights[r][i] * values[i], for V vectors of numbers of R rows.
template <int R, int V>
void mix(const float* weights, int64_t weights_step, const float* values, int64_t values_step, int64_t count,
         float* out, int64_t out_step) {
  Lanes sums[R * V] = {};
  for (int64_t i = 0; i < count; i++) {
    Lanes value[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) value[v] = lanes_at(values + i * values_step + v * kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
      for (int v = 0; v < V; v++) sums[r * V + v] += value[v] * weights[r * weights_step + i];
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) put_lanes(out + r * out_step + v * kLanes, sums[r * V + v]);
  }
}

// One query of heads that share keys and values; each head's numbers adjacent.
struct SharedHeads {
  const float *q, *keys, *values;
  float* out;
  int64_t width, q_step, keys_step, values_step, out_step;
};

// R heads. scores: room for R rows of row.end; log_sums: the heads' own, one every log_sums_step.
template <int R>
void attend_heads(const SharedHeads& h, Row row, float scale, float* scores, float* log_sums, int64_t log_sums_step) {
  const int64_t count = row.end - row.first;
  const float* values = h.values + row.first * h.values_step;
  multiply_tiles({h.q, h.keys + row.first * h.keys_step, scores + row.first, R, count, h.width, h.q_step, h.keys_step,
                  row.end},
                 0, count);
  for (int r = 0; r < R; r++) log_sums[r * log_sums_step] = softmax_row(scores + r * row.end, row, row.end, scale);
  const float* weights = scores + row.first;
  int64_t d = 0;
  for (; d + 2 * kLanes <= h.width; d += 2 * kLanes)
    mix<R, 2>(weights, row.end, values + d, h.values_step, count, h.out + d, h.out_step);
  for (; d + kLanes <= h.width; d += kLanes)
    mix<R, 1>(weights, row.end, values + d, h.values_step, count, h.out + d, h.out_step);
  for (; d < h.width; d++) {
    for (int r = 0; r < R; r++) {
      float sum = 0;
      for (int64_t i = 0; i < count; i++) sum += weights[r * row.end + i] * values[i * h.values_step + d];
      h.out[r * h.out_step + d] = sum;
    }
  }
}

// A few queries (decoding): the heads that share keys and values pass over them together.
void attend_few(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const Visible& visible,
                const Shape& shape, at::Tensor& out, float* log_sums) {
  constexpr int kHeads = 4;
  const float *qp = q.data_ptr<float>(), *kp = k.data_ptr<float>(), *vp = v.data_ptr<float>();
  float* op = out.data_ptr<float>();
  const int64_t shared = shape.heads / shape.kv_heads;
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, shape.keys * shape.width * shared));
  at::parallel_for(0, shape.batch * shape.queries * shape.kv_heads, grain, [&](int64_t begin, int64_t end) {
    std::vector<float> scores(kHeads * shape.keys);
    for (int64_t job = begin; job < end; job++) {
      const int64_t kv = job % shape.kv_heads, query = job / shape.kv_heads % shape.queries;
      const int64_t batch = job / (shape.kv_heads * shape.queries);
      const Row row = visible.of(batch, query);
      for (int64_t head = kv * shared; head < (kv + 1) * shared; head += kHeads) {
        const SharedHeads heads{qp + batch * q.stride(0) + query * q.stride(1) + head * q.stride(2),
                                kp + batch * k.stride(0) + kv * k.stride(2),
                                vp + batch * v.stride(0) + kv * v.stride(2),
                                op + batch * out.stride(0) + query * out.stride(1) + head * out.stride(2),
                                shape.width, q.stride(2), k.stride(1), v.stride(1), out.stride(2)};
        float* sums = log_sums + (batch * shape.heads + head) * shape.queries + query;
        switch (std::min<int64_t>(kHeads, (kv + 1) * shared - head)) {
          case 1: attend_heads<1>(heads, row, shape.scale(), scores.data(), sums, shape.queries); break;
          case 2: attend_heads<2>(heads, row, shape.scale(), scores.data(), sums, shape.queries); break;
          case 3: attend_heads<3>(heads, row, shape.scale(), scores.data(), sums, shape.queries); break;
          default: attend_heads<4>(heads, row, shape.scale(), scores.data(), sums, shape.queries);
        }
      }
    }
  });
}

struct Block {
  int64_t start, count, keys;  // queries [start, start + count) see at most the first `keys` keys
};

template <class Body>
void each_block(const Shape& shape, Body&& body) {
  for (int64_t start = 0; start < shape.queries; start += kQueryBlock) {
    const int64_t count = std::min(kQueryBlock, shape.queries - start);
    body(Block{start, count, shape.past() + start + count});
  }
}

// The room for one block's scores, cut to its size.
at::Tensor scores_of(at::Tensor& room, const Block& block) {
  return room.narrow(0, 0, block.count * block.keys).view({block.count, block.keys});
}

void attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const Visible& visible, const Shape& shape,
            at::Tensor& out, float* log_sums) {
  auto room = at::empty({std::min(kQueryBlock, shape.queries) * shape.keys}, q.options());
  for (int64_t batch = 0; batch < shape.batch; batch++) {
    for (int64_t head = 0; head < shape.heads; head++) {
      auto qh = head_of(q, batch, head), oh = head_of(out, batch, head);
      auto kh = head_of(k, batch, shape.kv_head(head)), vh = head_of(v, batch, shape.kv_head(head));
      float* sums = log_sums + (batch * shape.heads + head) * shape.queries;
      each_block(shape, [&](const Block& block) {
        auto scores = scores_of(room, block);
        at::mm_out(scores, qh.narrow(0, block.start, block.count), kh.narrow(0, 0, block.keys).t());
        float* data = scores.data_ptr<float>();
        at::parallel_for(0, block.count, 16, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; i++) {
            sums[block.start + i] = softmax_row(data + i * block.keys, visible.of(batch, block.start + i), block.keys,
                                                shape.scale());
          }
        });
        auto to = oh.narrow(0, block.start, block.count);
        at::mm_out(to, scores, vh.narrow(0, 0, block.keys));
      });
    }
  }
}

// scores become the weights again, dweights the gradient of the scores.
void backward_rows(float* scores, float* dweights, const Block& block, const float* sums, const float* dots,
                   const Visible& visible, int64_t batch, float scale) {
  at::parallel_for(0, block.count, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Row row = visible.of(batch, block.start + i);
      float *p = scores + i * block.keys, *d = dweights + i * block.keys;
      const float sum = sums[block.start + i], dot = dots[block.start + i];
#pragma omp simd
      for (int64_t j = row.first; j < row.end; j++) {
        p[j] = vector_exp(p[j] * scale - sum);
        d[j] = p[j] * (d[j] - dot) * scale;
      }
      std::fill(p, p + row.first, 0.0f);
      std::fill(p + row.end, p + block.keys, 0.0f);
      std::fill(d, d + row.first, 0.0f);
      std::fill(d + row.end, d + block.keys, 0.0f);
    }
  });
}

// log_sums: [B, H, Tq], of each query's scores, which the backward needs.
at::Tensor attended(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& first_key,
                    at::Tensor& log_sums) {
  const auto shape = shape_of(q, k);
  auto out = at::empty(q.sizes(), q.options());
  log_sums = at::empty({shape.batch, shape.heads, shape.queries}, q.options());
  const Visible visible(first_key, shape);
  if (shape.queries <= kFewQueries) {
    attend_few(q, k, v, visible, shape, out, log_sums.data_ptr<float>());
  } else {
    attend(q, k, v, visible, shape, out, log_sums.data_ptr<float>());
  }
  return out;
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const c10::optional<at::Tensor>& given_first_key) {
    const auto first_key = given_first_key.value_or(at::Tensor());
    at::Tensor log_sums;
    auto out = attended(q, k, v, first_key, log_sums);
    context->save_for_backward({q, k, v, out, log_sums, first_key});
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2], &out = saved[3], &log_sums = saved[4];
    const auto shape = shape_of(q, k);
    const Visible visible(saved[5], shape);
    auto dout = gradients[0].contiguous();
    auto dots = (dout * out).sum(-1).transpose(1, 2).contiguous();  // [B, H, Tq]
    auto dq = at::empty(q.sizes(), q.options());
    auto dk = at::zeros(k.sizes(), k.options()), dv = at::zeros(v.sizes(), v.options());
    auto room = at::empty({std::min(kQueryBlock, shape.queries) * shape.keys}, q.options());
    auto other_room = at::empty_like(room);
    for (int64_t batch = 0; batch < shape.batch; batch++) {
      for (int64_t head = 0; head < shape.heads; head++) {
        const int64_t kv = shape.kv_head(head), place = (batch * shape.heads + head) * shape.queries;
        auto qh = head_of(q, batch, head), doh = head_of(dout, batch, head), dqh = head_of(dq, batch, head);
        auto kh = head_of(k, batch, kv), vh = head_of(v, batch, kv);
        auto dkh = head_of(dk, batch, kv), dvh = head_of(dv, batch, kv);
        each_block(shape, [&](const Block& block) {
          auto scores = scores_of(room, block), dweights = scores_of(other_room, block);
          auto queries = qh.narrow(0, block.start, block.count), douts = doh.narrow(0, block.start, block.count);
          auto keys = kh.narrow(0, 0, block.keys);
          at::mm_out(scores, queries, keys.t());
          at::mm_out(dweights, douts, vh.narrow(0, 0, block.keys).t());
          backward_rows(scores.data_ptr<float>(), dweights.data_ptr<float>(), block, log_sums.data_ptr<float>() + place,
                        dots.data_ptr<float>() + place, visible, batch, shape.scale());
          dvh.narrow(0, 0, block.keys).addmm_(scores.t(), douts);
          dkh.narrow(0, 0, block.keys).addmm_(dweights.t(), queries);
          auto dqueries = dqh.narrow(0, block.start, block.count);
          at::mm_out(dqueries, dweights, keys);
        });
      }
    }
    return {dq, dk, dv, at::Tensor()};
  }
};

// [B, T, K, D] to [B, H, T, D].
at::Tensor spread(const at::Tensor& x, int64_t heads) {
  auto moved = x.transpose(1, 2);
  return x.size(2) == heads ? moved : moved.repeat_interleave(heads / x.size(2), 1);
}

at::Tensor attend_elsewhere(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& first_key) {
  const auto shape = shape_of(q, k);
  auto qs = q.transpose(1, 2), ks = spread(k, shape.heads), vs = spread(v, shape.heads);
  const bool plain_causal = !first_key.defined() && shape.past() == 0;
  at::Tensor mask;
  if (!plain_causal && !(shape.queries == 1 && !first_key.defined())) {
    auto key = at::arange(shape.keys, q.options().dtype(at::kLong));
    auto last = at::arange(shape.past(), shape.keys, q.options().dtype(at::kLong)).unsqueeze(1);
    mask = (key <= last).view({1, 1, shape.queries, shape.keys});
    if (first_key.defined()) {
      auto first = at::minimum(first_key, last.squeeze(1)).view({shape.batch, 1, shape.queries, 1});
      mask = mask.logical_and(key >= first);
    }
  }
  return compat::attention(qs, ks, vs, mask, plain_causal).transpose(1, 2).contiguous();
}

}  // namespace

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const c10::optional<at::Tensor>& first_key) {
  TORCH_CHECK(q.dim() == 4 && k.dim() == 4 && k.sizes() == v.sizes() && q.size(0) == k.size(0) &&
                  q.size(3) == k.size(3) && k.size(2) > 0 && q.size(2) % k.size(2) == 0 && k.size(1) >= q.size(1),
              "attention: q is ", q.sizes(), ", k ", k.sizes(), ", v ", v.sizes());
  auto first = first_key.value_or(at::Tensor());
  TORCH_CHECK(!first.defined() || (first.dim() == 2 && first.size(0) == q.size(0) && first.size(1) == q.size(1) &&
                                   first.scalar_type() == at::kLong),
              "attention: first_key is ", first.sizes(), " ", first.scalar_type(), ", wanted [B, Tq] int64");
  if (!is_plain(q) || !is_plain(k) || !is_plain(v)) return attend_elsewhere(q, k, v, first);
  auto rows = [](const at::Tensor& x) { return x.stride(3) == 1 ? x : x.contiguous(); };
  if (!needs_graph(q, k, v)) {
    at::Tensor log_sums;
    return attended(rows(q), rows(k), rows(v), first.defined() ? first.contiguous() : first, log_sums);
  }
  // An undefined tensor is no argument for an autograd function; an empty optional is.
  return Attention::apply(rows(q), rows(k), rows(v),
                          first.defined() ? c10::optional<at::Tensor>(first.contiguous()) : c10::nullopt);
}

}  // namespace panamind
