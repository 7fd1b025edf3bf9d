// Optimizer steps and gradient norms over many tensors in one call.
#include <ATen/Dispatch.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "compat.h"
#include "internal.h"

namespace panamind {
namespace {

constexpr int64_t kGrain = 1 << 14;

std::vector<at::Tensor> gradients_of(const pm_tensor* handles, int32_t count) {
  std::vector<at::Tensor> gradients;
  gradients.reserve(count);
  for (int32_t i = 0; i < count; i++) {
    auto gradient = need(handles[i], "tensor").grad();
    if (gradient.defined()) gradients.push_back(std::move(gradient));
  }
  return gradients;
}

bool plain_cpu_float(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
}

// Sum of squares in double over chunks of fixed size, added in order: the same for any number of threads.
double square_sum(const at::Tensor& tensor) {
  const auto* data = tensor.data_ptr<float>();
  const int64_t count = tensor.numel();
  const int64_t chunks = (count + kGrain - 1) / kGrain;
  std::vector<double> sums(chunks);
  at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; chunk++) {
      const int64_t stop = std::min(count, (chunk + 1) * kGrain);
      double sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t i = chunk * kGrain; i < stop; i++) sum += static_cast<double>(data[i]) * data[i];
      sums[chunk] = sum;
    }
  });
  double total = 0;
  for (double sum : sums) total += sum;
  return total;
}

double norm_of(const std::vector<at::Tensor>& gradients) {
  double host = 0;
  std::vector<at::Tensor> elsewhere;
  for (const auto& gradient : gradients) {
    if (plain_cpu_float(gradient)) {
      host += square_sum(gradient);
    } else {
      elsewhere.push_back(at::linalg_vector_norm(gradient, 2, c10::nullopt, false, at::kDouble).square());
    }
  }
  if (!elsewhere.empty()) host += at::stack(elsewhere).sum().item<double>();
  return std::sqrt(host);
}

struct AdamW {
  double lr, beta1, beta2, eps, weight_decay;
  int64_t step;
  double grad_scale;

  double correction1() const { return 1 - std::pow(beta1, static_cast<double>(step)); }
  double correction2() const { return 1 - std::pow(beta2, static_cast<double>(step)); }
};

// One pass over the four arrays: reads each element once, where separate operators would read them five times.
void adamw_cpu(const AdamW& how, float* p, const float* g, float* m, float* v, int64_t count) {
  const auto decay = static_cast<float>(1 - how.lr * how.weight_decay);
  const auto beta1 = static_cast<float>(how.beta1), rest1 = static_cast<float>(1 - how.beta1);
  const auto beta2 = static_cast<float>(how.beta2), rest2 = static_cast<float>(1 - how.beta2);
  const auto step_size = static_cast<float>(how.lr / how.correction1());
  const auto root2 = static_cast<float>(std::sqrt(how.correction2()));
  const auto eps = static_cast<float>(how.eps), scale = static_cast<float>(how.grad_scale);
  at::parallel_for(0, count, kGrain, [&](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; i++) {
      const float gradient = g[i] * scale;
      const float first = m[i] * beta1 + gradient * rest1;
      const float second = v[i] * beta2 + gradient * gradient * rest2;
      m[i] = first;
      v[i] = second;
      p[i] = p[i] * decay - step_size * (first / (std::sqrt(second) / root2 + eps));
    }
  });
}

// Any device and dtype, by LibTorch's operators over lists: few kernels, whatever the number of parameters.
void adamw_foreach(const AdamW& how, std::vector<at::Tensor>& p, std::vector<at::Tensor>& g,
                   std::vector<at::Tensor>& m, std::vector<at::Tensor>& v) {
  auto gradients = how.grad_scale == 1 ? g : at::_foreach_mul(g, how.grad_scale);
  at::_foreach_mul_(p, 1 - how.lr * how.weight_decay);
  at::_foreach_mul_(m, how.beta1);
  at::_foreach_add_(m, gradients, 1 - how.beta1);
  at::_foreach_mul_(v, how.beta2);
  at::_foreach_addcmul_(v, gradients, gradients, 1 - how.beta2);
  auto denominator = at::_foreach_sqrt(v);
  at::_foreach_div_(denominator, std::sqrt(how.correction2()));
  at::_foreach_add_(denominator, how.eps);
  at::_foreach_addcdiv_(p, m, denominator, -how.lr / how.correction1());
}

// The CPU's float32 parameters one by one, the others together.
void adamw_all(const AdamW& how, const std::vector<at::Tensor>& p, const std::vector<at::Tensor>& g,
               const std::vector<at::Tensor>& m, const std::vector<at::Tensor>& v) {
  std::vector<at::Tensor> ps, gs, ms, vs;
  for (size_t i = 0; i < p.size(); i++) {
    if (plain_cpu_float(p[i]) && plain_cpu_float(g[i]) && plain_cpu_float(m[i]) && plain_cpu_float(v[i])) {
      adamw_cpu(how, p[i].data_ptr<float>(), g[i].data_ptr<float>(), m[i].data_ptr<float>(), v[i].data_ptr<float>(),
                p[i].numel());
    } else {
      ps.push_back(p[i]);
      gs.push_back(g[i]);
      ms.push_back(m[i]);
      vs.push_back(v[i]);
    }
  }
  if (!ps.empty()) adamw_foreach(how, ps, gs, ms, vs);
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_grad_norm(const pm_tensor* tensors, int32_t count, double scale, double* norm, int32_t* finite) {
  return guard([&] {
    at::NoGradGuard no_grad;
    *norm = norm_of(gradients_of(tensors, count)) * std::abs(scale);
    *finite = std::isfinite(*norm);
  });
}

int32_t pm_scale_grad(const pm_tensor* tensors, int32_t count, double scale) {
  return guard([&] {
    at::NoGradGuard no_grad;
    auto gradients = gradients_of(tensors, count);
    if (!gradients.empty()) at::_foreach_mul_(gradients, scale);
  });
}

int32_t pm_adamw(const pm_tensor* parameters, const pm_tensor* exp_avg, const pm_tensor* exp_avg_sq, int32_t count,
                 double lr, double beta1, double beta2, double eps, double weight_decay, int64_t step,
                 double grad_scale) {
  return guard([&] {
    if (step < 1) throw ArgumentError("step is " + std::to_string(step) + ", counts from 1");
    at::NoGradGuard no_grad;
    const AdamW how{lr, beta1, beta2, eps, weight_decay, step, grad_scale};
    // All are looked at before any is changed, so that a refusal leaves the step undone.
    std::vector<at::Tensor> p, g, m, v;
    for (int32_t i = 0; i < count; i++) {
      auto parameter = need(parameters[i], "parameter");
      auto gradient = parameter.grad();
      if (!gradient.defined()) continue;
      auto first = need(exp_avg[i], "exp_avg"), second = need(exp_avg_sq[i], "exp_avg_sq");
      TORCH_CHECK(gradient.sizes() == parameter.sizes() && first.sizes() == parameter.sizes() &&
                      second.sizes() == parameter.sizes(),
                  "adamw: the gradient is ", gradient.sizes(), ", the moments are ", first.sizes(), " and ",
                  second.sizes(), ", the parameter is ", parameter.sizes());
      p.push_back(std::move(parameter));
      g.push_back(std::move(gradient));
      m.push_back(std::move(first));
      v.push_back(std::move(second));
    }
    adamw_all(how, p, g, m, v);
  });
}
