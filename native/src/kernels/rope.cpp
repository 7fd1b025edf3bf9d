// Rotary position embedding (Su et al. 2021, arXiv:2104.09864, section 3.4.2) with the halves of a head as pairs:
// element i turns with element i + D/2.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels.h"

namespace panamind {
namespace {

// x: [B, T, H, D]; cos, sin: [T, D] or [B, T, D] with equal halves. sign -1 turns back.
at::Tensor turned(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, float sign) {
  auto y = at::empty_like(x);
  const int64_t steps = x.size(1), heads = x.size(2), width = x.size(3), half = width / 2;
  const int64_t batch_step = cos.dim() == 3 ? steps * width : 0;
  const float *c = cos.data_ptr<float>(), *s = sin.data_ptr<float>(), *in = x.data_ptr<float>();
  float* out = y.data_ptr<float>();
  at::parallel_for(0, x.size(0) * steps, 32, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin; place < end; place++) {
      const int64_t angle = place / steps * batch_step + place % steps * width;
      const float *cs = c + angle, *sn = s + angle;
      for (int64_t head = 0; head < heads; head++) {
        const float* from = in + (place * heads + head) * width;
        float* to = out + (place * heads + head) * width;
#pragma omp simd
        for (int64_t i = 0; i < half; i++) {
          const float first = from[i], second = from[i + half];
          to[i] = first * cs[i] - second * sn[i] * sign;
          to[i + half] = second * cs[i + half] + first * sn[i + half] * sign;
        }
      }
    }
  });
  return y;
}

class Rope : public torch::autograd::Function<Rope> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& given, const at::Tensor& cos,
                            const at::Tensor& sin) {
    context->save_for_backward({cos, sin});
    return turned(given.contiguous(), cos, sin, 1);
  }

  // Both halves of a table are equal, so turning back is the transpose.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    return {turned(gradients[0].contiguous(), saved[0], saved[1], -1), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor rope(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  TORCH_CHECK(x.dim() == 4 && x.size(3) % 2 == 0 && cos.sizes() == sin.sizes() &&
                  (cos.dim() == 2 || (cos.dim() == 3 && cos.size(0) == x.size(0))) && cos.size(-2) == x.size(1) &&
                  cos.size(-1) == x.size(3),
              "rope: x is ", x.sizes(), ", the tables are ", cos.sizes(), " and ", sin.sizes());
  if (is_plain(x) && is_plain(cos) && is_plain(sin)) {
    if (needs_graph(x)) return Rope::apply(x, cos.contiguous(), sin.contiguous());
    return turned(x.contiguous(), cos.contiguous(), sin.contiguous(), 1);
  }
  auto c = cos.unsqueeze(-2), s = sin.unsqueeze(-2);
  auto halves = x.chunk(2, -1);
  return (x * c + at::cat({-halves[1], halves[0]}, -1) * s).to(x.scalar_type());
}

}  // namespace panamind
