// SwiGLU's gate (Shazeer 2020, arXiv:2002.05202): silu(gate) * up, with silu(x) = x * sigmoid(x).
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels.h"
#include "vector_math.h"

namespace panamind {
namespace {

constexpr int64_t kGrain = 1 << 13;

at::Tensor gated(const at::Tensor& gate, const at::Tensor& up) {
  auto out = at::empty_like(gate);
  const float *g = gate.data_ptr<float>(), *u = up.data_ptr<float>();
  float* y = out.data_ptr<float>();
  at::parallel_for(0, gate.numel(), kGrain, [&](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) y[i] = g[i] * vector_sigmoid(g[i]) * u[i];
  });
  return out;
}

class SwiGlu : public torch::autograd::Function<SwiGlu> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& given_gate,
                            const at::Tensor& given_up) {
    auto gate = given_gate.contiguous(), up = given_up.contiguous();
    context->save_for_backward({gate, up});
    return gated(gate, up);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    auto dout = gradients[0].contiguous();
    auto dgate = at::empty_like(dout), dup = at::empty_like(dout);
    const float *g = saved[0].data_ptr<float>(), *u = saved[1].data_ptr<float>(), *dy = dout.data_ptr<float>();
    float *dg = dgate.data_ptr<float>(), *du = dup.data_ptr<float>();
    at::parallel_for(0, dout.numel(), kGrain, [&](int64_t begin, int64_t end) {
#pragma omp simd
      for (int64_t i = begin; i < end; i++) {
        const float s = vector_sigmoid(g[i]);
        const float silu = g[i] * s;
        du[i] = dy[i] * silu;
        dg[i] = dy[i] * u[i] * (s + silu * (1 - s));
      }
    });
    return {dgate, dup};
  }
};

}  // namespace

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
  TORCH_CHECK(gate.sizes() == up.sizes(), "swiglu: gate is ", gate.sizes(), ", up is ", up.sizes());
  if (is_plain(gate) && is_plain(up)) {
    return needs_graph(gate, up) ? SwiGlu::apply(gate, up) : gated(gate.contiguous(), up.contiguous());
  }
  return at::silu(gate) * up;
}

}  // namespace panamind
