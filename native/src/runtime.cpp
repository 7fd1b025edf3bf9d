// Random generators, threads, devices and memory figures.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/Generator.h>
#include <ATen/ops/empty.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/version.h>

#include <mutex>

#include "allocator.h"
#include "cuda.h"
#include "internal.h"

namespace panamind {
namespace {

c10::Device device_of(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

void need_cuda() {
  if (!at::hasCUDA()) throw ArgumentError("this LibTorch (" TORCH_VERSION ") has no CUDA device here");
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_seed(int64_t seed) {
  return guard([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

int32_t pm_generator_state(int32_t device_type, int32_t device_index, pm_tensor* out) {
  return guard([&] {
    auto generator = at::globalContext().defaultGenerator(device_of(device_type, device_index));
    std::lock_guard<std::mutex> lock(generator.mutex());
    *out = give(generator.get_state());
  });
}

int32_t pm_set_generator_state(int32_t device_type, int32_t device_index, pm_tensor state) {
  return guard([&] {
    auto generator = at::globalContext().defaultGenerator(device_of(device_type, device_index));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(need(state, "state"));
  });
}

int32_t pm_set_threads(int32_t threads) {
  return guard([&] {
    if (threads < 1) throw ArgumentError("threads is " + std::to_string(threads) + ", must be at least 1");
    at::set_num_threads(threads);
  });
}

int32_t pm_threads(int32_t* threads) {
  return guard([&] { *threads = at::get_num_threads(); });
}

int32_t pm_cuda_count(int32_t* count) {
  return guard([&] { *count = at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0; });
}

int32_t pm_cuda_name(int32_t index, char* buffer, int64_t capacity, int64_t* needed) {
  return guard([&] {
    need_cuda();
    put_text(cuda_name(index), buffer, capacity, needed);
  });
}

int32_t pm_set_cuda_device(int32_t index) {
  return guard([&] {
    need_cuda();
    c10::impl::VirtualGuardImpl(c10::kCUDA).setDevice(device_of(1, index));
  });
}

int32_t pm_synchronize(int32_t device_type, int32_t device_index) {
  return guard([&] {
    if (device_type == 0) return;
    need_cuda();
    cuda_synchronize(device_index);
  });
}

int32_t pm_memory(int32_t device_type, int32_t device_index, int64_t* out) {
  return guard([&] {
    if (device_type == 0) {
      auto figures = cpu_memory();
      out[0] = figures.in_use;
      out[1] = figures.peak;
      out[2] = figures.held;
    } else {
      need_cuda();
      cuda_memory(device_index, out);
    }
  });
}

int32_t pm_reset_peak_memory(int32_t device_type, int32_t device_index) {
  return guard([&] {
    if (device_type == 0) {
      reset_cpu_peak();
    } else {
      need_cuda();
      cuda_reset_peak(device_index);
    }
  });
}

int32_t pm_empty_cache(int32_t device_type, int32_t) {
  return guard([&] {
    if (device_type == 0) {
      empty_cpu_cache();
    } else {
      need_cuda();
      cuda_empty_cache();
    }
  });
}

int32_t pm_set_tf32(int32_t allowed) {
  return guard([&] {
    at::globalContext().setAllowTF32CuBLAS(allowed != 0);
    at::globalContext().setAllowTF32CuDNN(allowed != 0);
  });
}
