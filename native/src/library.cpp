// The library itself: versions, features, the error of each thread.
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/Allocator.h>
#include <torch/version.h>

#include <atomic>
#include <cstring>
#include <typeinfo>

#include "compat.h"
#include "internal.h"

namespace panamind {
namespace {

struct LastError {
  std::string message;
  std::string detail;
};

LastError& last_error() {
  static thread_local LastError error;
  return error;
}

std::atomic<int64_t> live_handles{0};

std::string first_line(const char* text) {
  const char* end = std::strchr(text, '\n');
  return end == nullptr ? std::string(text) : std::string(text, end);
}

}  // namespace

void count_handles(int64_t change) noexcept { live_handles.fetch_add(change, std::memory_order_relaxed); }

int32_t fail(int32_t status, std::string message, std::string detail) noexcept {
  try {
    last_error() = {std::move(message), std::move(detail)};
  } catch (...) {
    // No memory even for the message: the status alone must do.
  }
  return status;
}

// Whether Gloo or c10d threw it, also where c10d's Reducer called them without a word of ours around it.
static bool of_a_backend(const std::exception& thrown) {
  auto name = typeid(thrown).name();
  for (auto part : {"gloo", "DistError", "DistBackendError", "DistNetworkError", "DistStoreError"}) {
    if (std::strstr(name, part) != nullptr) return true;
  }
  return false;
}

int32_t fail_current() noexcept {
  try {
    throw;
  } catch (const ArgumentError& e) {
    return fail(PM_ERROR_ARGUMENT, e.what(), e.what());
  } catch (const CallbackError& e) {
    return fail(PM_ERROR_CALLBACK, e.what(), e.what());
  } catch (const DistributedError& e) {
    return fail(PM_ERROR_DISTRIBUTED, e.what(), e.what());
  } catch (const c10::OutOfMemoryError& e) {
    return fail(PM_ERROR_OUT_OF_MEMORY, e.what_without_backtrace(), e.what());
  } catch (const c10::Error& e) {
    if (of_a_backend(e)) return fail(PM_ERROR_DISTRIBUTED, e.what_without_backtrace(), e.what());
    // The CPU allocator reports a failed allocation as a plain c10::Error.
    bool memory = std::strstr(e.what_without_backtrace(), "DefaultCPUAllocator") != nullptr;
    return fail(memory ? PM_ERROR_OUT_OF_MEMORY : PM_ERROR_TORCH, e.what_without_backtrace(), e.what());
  } catch (const std::bad_alloc& e) {
    return fail(PM_ERROR_OUT_OF_MEMORY, "out of host memory", e.what());
  } catch (const std::exception& e) {
    return fail(of_a_backend(e) ? PM_ERROR_DISTRIBUTED : PM_ERROR_STANDARD, first_line(e.what()), e.what());
  } catch (...) {
    return fail(PM_ERROR_UNKNOWN, "a C++ object that is no exception was thrown", "");
  }
}

void put_text(const std::string& text, char* buffer, int64_t capacity, int64_t* needed) {
  *needed = static_cast<int64_t>(text.size());
  if (capacity <= 0) return;
  auto count = std::min<int64_t>(capacity - 1, *needed);
  std::memcpy(buffer, text.data(), count);
  buffer[count] = 0;
}

}  // namespace panamind

using namespace panamind;

int32_t pm_abi_version(void) { return PM_ABI_VERSION; }

const char* pm_torch_version(void) { return TORCH_VERSION; }

int32_t pm_features(void) {
  int32_t features = 0;
#ifdef PM_WITH_CUDA
  features |= PM_FEATURE_CUDA;
#endif
#ifdef PM_WITH_GLOO
  features |= PM_FEATURE_GLOO;
#endif
#ifdef PM_WITH_NCCL
  features |= PM_FEATURE_NCCL;
#endif
  if (compat::has_operator("aten::_fused_adamw_", "")) features |= PM_FEATURE_FUSED_ADAMW_CUDA;
  if (compat::has_operator("aten::scaled_dot_product_attention", "")) features |= PM_FEATURE_SDPA;
  return features;
}

int32_t pm_build_info(char* buffer, int64_t capacity, int64_t* needed) {
  return guard([&] {
    put_text(at::show_config() + "\n" + at::get_parallel_info(), buffer, capacity, needed);
  });
}

const char* pm_last_error(void) { return last_error().message.c_str(); }

const char* pm_last_error_detail(void) { return last_error().detail.c_str(); }

int64_t pm_live_tensors(void) { return live_handles.load(std::memory_order_relaxed); }

int32_t pm_dtype_of_name(const char* name, int32_t* dtype) {
  return guard([&] {
    struct Named {
      const char* name;
      at::ScalarType type;
    };
    static const Named types[] = {
        {"uint8", at::kByte},     {"int8", at::kChar},     {"int16", at::kShort},  {"int32", at::kInt},
        {"int64", at::kLong},     {"float16", at::kHalf},  {"float32", at::kFloat}, {"float64", at::kDouble},
        {"bool", at::kBool},      {"bfloat16", at::kBFloat16},
    };
    for (const auto& type : types) {
      if (std::strcmp(type.name, name) == 0) {
        *dtype = static_cast<int32_t>(type.type);
        return;
      }
    }
    throw ArgumentError(std::string("unknown data type '") + name + "'");
  });
}
