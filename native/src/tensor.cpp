// Tensor life, metadata and host copies.
#include <ATen/Functions.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstring>
#include <sstream>

#include "internal.h"

namespace panamind {
namespace {

int64_t byte_count(int32_t dtype, const int64_t* sizes, int32_t dims) {
  auto bytes = static_cast<int64_t>(c10::elementSize(static_cast<c10::ScalarType>(dtype)));
  for (int32_t i = 0; i < dims; i++) {
    if (sizes[i] < 0) throw ArgumentError("size " + std::to_string(sizes[i]) + " is negative");
    if (__builtin_mul_overflow(bytes, sizes[i], &bytes)) throw ArgumentError("the sizes' product overflows");
  }
  return bytes;
}

void check_bytes(int64_t given, int64_t wanted) {
  if (given != wanted) {
    throw ArgumentError("the tensor holds " + std::to_string(wanted) + " bytes, the buffer " + std::to_string(given));
  }
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_tensor_free(pm_tensor tensor) { return pm_tensor_free_many(&tensor, 1); }

int32_t pm_tensor_free_many(const pm_tensor* tensors, int32_t count) {
  return guard([&] {
    int64_t freed = 0;
    for (int32_t i = 0; i < count; i++) {
      if (tensors[i] == nullptr) continue;
      auto* impl = reinterpret_cast<c10::TensorImpl*>(tensors[i]);
      c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(impl);
      freed++;
    }
    count_handles(-freed);
  });
}

int32_t pm_tensor_share(pm_tensor tensor, pm_tensor* out) {
  return guard([&] { *out = give(take(tensor)); });
}

int32_t pm_tensor_from_host(const void* data, int64_t bytes, int32_t dtype, const int64_t* sizes, int32_t dims,
                            pm_tensor* out) {
  return guard([&] {
    check_bytes(bytes, byte_count(dtype, sizes, dims));
    auto tensor = at::empty(at::IntArrayRef(sizes, dims), at::TensorOptions(static_cast<c10::ScalarType>(dtype)));
    if (bytes > 0) std::memcpy(tensor.data_ptr(), data, bytes);
    *out = give(std::move(tensor));
  });
}

int32_t pm_tensor_over_host(void* data, int64_t bytes, int32_t dtype, const int64_t* sizes, int32_t dims,
                            pm_tensor* out) {
  return guard([&] {
    check_bytes(bytes, byte_count(dtype, sizes, dims));
    *out = give(at::from_blob(data, at::IntArrayRef(sizes, dims),
                              at::TensorOptions(static_cast<c10::ScalarType>(dtype))));
  });
}

int32_t pm_tensor_to_host(pm_tensor handle, void* data, int64_t bytes) {
  return guard([&] {
    auto tensor = need(handle, "tensor");
    check_bytes(bytes, tensor.numel() * static_cast<int64_t>(tensor.element_size()));
    auto host = tensor.detach().to(at::kCPU).contiguous();
    if (bytes > 0) std::memcpy(data, host.data_ptr(), bytes);
  });
}

int32_t pm_tensor_info(pm_tensor handle, int64_t* out, int32_t capacity) {
  return guard([&] {
    if (handle == nullptr) throw ArgumentError("tensor is NULL");
    const auto* impl = reinterpret_cast<c10::TensorImpl*>(handle);
    auto tensor = take(handle);
    auto dims = static_cast<int32_t>(impl->dim());
    int64_t head[] = {static_cast<int64_t>(tensor.scalar_type()),
                      static_cast<int64_t>(tensor.device().type()),
                      tensor.device().index(),
                      tensor.requires_grad(),
                      tensor.is_contiguous(),
                      tensor.is_leaf(),
                      tensor.numel(),
                      static_cast<int64_t>(tensor.element_size()),
                      dims};
    const int32_t head_count = sizeof head / sizeof head[0];
    for (int32_t i = 0; i < capacity && i < head_count + 2 * dims; i++) {
      auto axis = i - head_count;
      out[i] = axis < 0 ? head[i] : axis < dims ? tensor.size(axis) : tensor.stride(axis - dims);
    }
  });
}

int32_t pm_tensor_data(pm_tensor handle, void** out) {
  return guard([&] { *out = need(handle, "tensor").data_ptr(); });
}

int32_t pm_tensor_storage(pm_tensor handle, void** out) {
  return guard([&] { *out = need(handle, "tensor").storage().unsafeGetStorageImpl(); });
}

int32_t pm_tensor_same(pm_tensor a, pm_tensor b, int32_t* out) {
  return guard([&] { *out = a == b; });
}

int32_t pm_tensor_item(pm_tensor handle, double* out) {
  return guard([&] { *out = need(handle, "tensor").item().toDouble(); });
}

int32_t pm_tensor_item_int(pm_tensor handle, int64_t* out) {
  return guard([&] { *out = need(handle, "tensor").item().toLong(); });
}

int32_t pm_tensor_text(pm_tensor handle, char* buffer, int64_t capacity, int64_t* needed) {
  return guard([&] {
    std::ostringstream text;
    at::print(text, take(handle), 120);
    put_text(text.str(), buffer, capacity, needed);
  });
}
