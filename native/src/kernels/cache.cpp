// Writing behind what a cache of keys or values holds: one call in place of several views and a copy, of which decoding
// makes two a layer and token.
#include <ATen/Functions.h>

#include "kernels.h"

namespace panamind {

// cache: [B, capacity, K, D], of which the first rows are in use; x: [b, T, K, D]. Returns [b, length + T, K, D] of it.
at::Tensor cache_append(at::Tensor& cache, const at::Tensor& x, int64_t length) {
  TORCH_CHECK(cache.dim() == 4 && x.dim() == 4 && x.size(0) <= cache.size(0) && length >= 0 &&
                  length + x.size(1) <= cache.size(1) && x.sizes().slice(2) == cache.sizes().slice(2),
              "cache_append: cache is ", cache.sizes(), ", x ", x.sizes(), ", length ", length);
  auto sizes = x.sizes().vec();
  cache.as_strided(sizes, cache.strides(), cache.storage_offset() + length * cache.stride(1)).copy_(x);
  sizes[1] += length;
  return cache.as_strided(sizes, cache.strides());
}

}  // namespace panamind
