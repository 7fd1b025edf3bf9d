// Hashes of tensors, by which ranks tell whether they hold the same.
#include <ATen/core/Tensor.h>

#include <cstring>

#include "internal.h"

namespace panamind {
namespace {

constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15ull;  // 2^64 over the golden ratio, odd
constexpr size_t kLanes = 4;                              // independent, so that multiplications overlap

uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * kMultiplier;
  return hash ^ (hash >> 29);
}

uint64_t hash_bytes(uint64_t seed, const char* data, size_t bytes) {
  uint64_t lanes[kLanes] = {seed, seed + 1, seed + 2, seed + 3};
  uint64_t words[kLanes];
  size_t at = 0;
  for (; at + sizeof words <= bytes; at += sizeof words) {
    std::memcpy(words, data + at, sizeof words);
    for (size_t lane = 0; lane < kLanes; lane++) lanes[lane] = mix(lanes[lane], words[lane]);
  }
  std::memset(words, 0, sizeof words);
  std::memcpy(words, data + at, bytes - at);
  auto hash = mix(seed, bytes);
  for (size_t lane = 0; lane < kLanes; lane++) hash = mix(hash, mix(lanes[lane], words[lane]));
  return hash;
}

uint64_t hash_of(const at::Tensor& tensor) {
  auto host = tensor.detach().to(at::kCPU).contiguous();
  auto hash = mix(kMultiplier, static_cast<uint64_t>(host.scalar_type()));
  for (auto size : host.sizes()) hash = mix(hash, static_cast<uint64_t>(size));
  return hash_bytes(hash, static_cast<const char*>(host.data_ptr()), host.nbytes());
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_hash(const pm_tensor* tensors, int32_t count, int64_t* hashes) {
  return guard([&] {
    for (int32_t i = 0; i < count; i++) hashes[i] = static_cast<int64_t>(hash_of(need(tensors[i], "tensor")));
  });
}
