// CUDA's own figures. Built without CUDA, no device is ever reported, so none of these is reached.
#include "cuda.h"

#include "compat.h"
#include "internal.h"

#ifdef PM_WITH_CUDA

#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include <sstream>

namespace panamind {
namespace {

int current_if_negative(int32_t index) { return index < 0 ? c10::cuda::current_device() : index; }

}  // namespace

std::string cuda_name(int32_t index) {
  const auto* properties = at::cuda::getDeviceProperties(current_if_negative(index));
  std::ostringstream text;
  text << properties->name << ", compute capability " << properties->major << "." << properties->minor << ", "
       << (properties->totalGlobalMem >> 20) << " MiB";
  return text.str();
}

void cuda_synchronize(int32_t index) {
  c10::cuda::CUDAGuard on(current_if_negative(index));
  c10::cuda::device_synchronize();
}

void cuda_memory(int32_t index, int64_t* out) {
  auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(current_if_negative(index));
  out[0] = stats.allocated_bytes[0].current;
  out[1] = stats.allocated_bytes[0].peak;
  out[2] = stats.reserved_bytes[0].current;
}

void cuda_reset_peak(int32_t index) {
  c10::cuda::CUDACachingAllocator::resetPeakStats(current_if_negative(index));
}

void cuda_empty_cache() { c10::cuda::CUDACachingAllocator::emptyCache(); }

}  // namespace panamind

#else

namespace panamind {
namespace {

[[noreturn]] void absent() { throw ArgumentError("this shim was built against a LibTorch without CUDA"); }

}  // namespace

std::string cuda_name(int32_t) { absent(); }
void cuda_synchronize(int32_t) { absent(); }
void cuda_memory(int32_t, int64_t*) { absent(); }
void cuda_reset_peak(int32_t) { absent(); }
void cuda_empty_cache() { absent(); }

}  // namespace panamind

#endif
