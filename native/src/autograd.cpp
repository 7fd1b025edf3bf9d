// Backward, gradients, hooks, grad mode and autocast.
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include "compat.h"
#include "internal.h"

namespace panamind {
namespace {

std::vector<at::Tensor> root_gradients_of(const pm_tensor* gradients, int32_t count) {
  return gradients == nullptr ? std::vector<at::Tensor>(count) : take_all(gradients, count);
}

c10::DeviceType device_type_of(int32_t type) {
  auto device = static_cast<c10::DeviceType>(type);
  if (device != c10::kCPU && device != c10::kCUDA) {
    throw ArgumentError("device type " + std::to_string(type) + " is neither 0 (CPU) nor 1 (CUDA)");
  }
  return device;
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_backward(const pm_tensor* roots, const pm_tensor* root_gradients, int32_t count, int32_t retain_graph,
                    int32_t create_graph) {
  return guard([&] {
    torch::autograd::backward(take_all(roots, count), root_gradients_of(root_gradients, count), retain_graph != 0,
                              create_graph != 0);
  });
}

int32_t pm_grad(const pm_tensor* roots, const pm_tensor* root_gradients, int32_t count, const pm_tensor* inputs,
                int32_t input_count, int32_t retain_graph, int32_t create_graph, pm_tensor* outs) {
  return guard([&] {
    auto gradients =
        torch::autograd::grad(take_all(roots, count), take_all(inputs, input_count),
                              root_gradients_of(root_gradients, count), retain_graph != 0, create_graph != 0, true);
    for (int32_t i = 0; i < input_count; i++) outs[i] = give(std::move(gradients[i]));
  });
}

int32_t pm_tensor_grad(pm_tensor tensor, pm_tensor* out) {
  return guard([&] { *out = give(need(tensor, "tensor").grad()); });
}

int32_t pm_tensor_set_grad(pm_tensor tensor, pm_tensor gradient) {
  return guard([&] { need(tensor, "tensor").mutable_grad() = take(gradient); });
}

int32_t pm_tensor_set_requires_grad(pm_tensor tensor, int32_t requires_grad) {
  return guard([&] { need(tensor, "tensor").set_requires_grad(requires_grad != 0); });
}

int32_t pm_zero_grad(const pm_tensor* tensors, int32_t count, int32_t keep) {
  return guard([&] {
    for (int32_t i = 0; i < count; i++) {
      auto tensor = need(tensors[i], "tensor");
      auto& gradient = tensor.mutable_grad();
      if (!gradient.defined()) continue;
      if (keep == 0) {
        gradient = at::Tensor();
      } else {
        at::AutoDispatchBelowADInplaceOrView below;
        gradient.zero_();
      }
    }
  });
}

int32_t pm_tensor_add_hook(pm_tensor tensor, pm_gradient_hook hook, void* context, int64_t* id) {
  return guard([&] {
    if (hook == nullptr) throw ArgumentError("hook is NULL");
    *id = need(tensor, "tensor").register_hook([hook, context](const at::Tensor& gradient) -> void {
      auto handle = give(gradient);
      auto result = hook(context, handle);
      pm_tensor_free(handle);
      if (result != 0) throw CallbackError("a gradient hook failed");
    });
  });
}

int32_t pm_tensor_remove_hook(pm_tensor tensor, int64_t id) {
  return guard([&] { need(tensor, "tensor").remove_hook(static_cast<unsigned>(id)); });
}

int32_t pm_set_grad_mode(int32_t enabled, int32_t* previous) {
  return guard([&] {
    *previous = at::GradMode::is_enabled();
    at::GradMode::set_enabled(enabled != 0);
  });
}

int32_t pm_grad_mode(int32_t* enabled) {
  return guard([&] { *enabled = at::GradMode::is_enabled(); });
}

int32_t pm_set_autocast(int32_t device_type, int32_t enabled, int32_t dtype, int32_t* previous_enabled,
                        int32_t* previous_dtype) {
  return guard([&] {
    auto device = device_type_of(device_type);
    *previous_enabled = compat::autocast_enabled(device);
    *previous_dtype = static_cast<int32_t>(compat::autocast_dtype(device));
    compat::set_autocast(device, enabled != 0, static_cast<c10::ScalarType>(dtype));
  });
}

int32_t pm_autocast_nesting(int32_t change) {
  return guard([&] {
    if (change > 0) {
      at::autocast::increment_nesting();
    } else if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
  });
}
