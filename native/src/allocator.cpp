// The CPU allocator: counts bytes, keeps freed blocks for the next step, and can fail on purpose.
//
// A training step asks for the same sizes again and again. The C library gives large blocks back to the system at each
// free and fetches zeroed pages at each allocation; keeping them saves that. Blocks are rounded up so that close sizes
// share a list (at most an eighth is lost), and what is kept never exceeds what the process has had in use at its peak.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <cstring>
#include <mutex>
#include <unordered_map>

#include "compat.h"
#include "internal.h"

namespace panamind {
namespace {

constexpr size_t kKeepFrom = 64 << 10;  // smaller blocks stay with malloc, which keeps them itself

size_t rounded(size_t bytes) {
  if (bytes < kKeepFrom) return bytes;
  size_t step = size_t{1} << (63 - __builtin_clzll(bytes) - 3);
  return (bytes + step - 1) / step * step;
}

class Blocks {
 public:
  void* allocate(size_t bytes) {
    if (bytes == 0) return nullptr;
    size_t size = rounded(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    if (fault_ > 0 && --fault_ == 0) throw_out_of_memory(bytes, "on purpose");
    void* block = reuse(size);
    if (block == nullptr) block = fetch(size, bytes);
    sizes_.emplace(block, size);
    figures_.in_use += size;
    figures_.peak = std::max(figures_.peak, figures_.in_use);
    return block;
  }

  void free(void* block) noexcept {
    if (block == nullptr) return;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = sizes_.find(block);
    size_t size = found->second;
    sizes_.erase(found);
    figures_.in_use -= size;
    if (size < kKeepFrom || kept_ + size > static_cast<size_t>(figures_.peak)) {
      release(block, size);
    } else {
      free_[size].push_back(block);
      kept_ += size;
    }
  }

  void empty() {
    std::lock_guard<std::mutex> lock(mutex_);
    empty_locked();
  }

  void reset_peak() {
    std::lock_guard<std::mutex> lock(mutex_);
    figures_.peak = figures_.in_use;
  }

  void fault(int64_t n) {
    std::lock_guard<std::mutex> lock(mutex_);
    fault_ = n;
  }

  CpuMemory figures() {
    std::lock_guard<std::mutex> lock(mutex_);
    return figures_;
  }

 private:
  void* reuse(size_t size) {
    auto list = free_.find(size);
    if (list == free_.end() || list->second.empty()) return nullptr;
    void* block = list->second.back();
    list->second.pop_back();
    kept_ -= size;
    return block;
  }

  void* fetch(size_t size, size_t asked) {
    try {
      void* block = c10::alloc_cpu(size);
      figures_.held += size;
      return block;
    } catch (const c10::Error&) {
      if (kept_ == 0) throw_out_of_memory(asked, "by the system");
    }
    empty_locked();
    try {
      void* block = c10::alloc_cpu(size);
      figures_.held += size;
      return block;
    } catch (const c10::Error&) {
      throw_out_of_memory(asked, "by the system");
    }
  }

  [[noreturn]] void throw_out_of_memory(size_t asked, const char* why) {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "out of CPU memory: ", asked, " bytes were refused ", why, " with ",
                     figures_.in_use, " bytes of tensors in use (", figures_.peak, " at the peak)");
    std::abort();  // not reached; the macro throws
  }

  void release(void* block, size_t size) noexcept {
    c10::free_cpu(block);
    figures_.held -= size;
  }

  void empty_locked() noexcept {
    for (auto& list : free_) {
      for (void* block : list.second) release(block, list.first);
    }
    free_.clear();
    kept_ = 0;
  }

  std::mutex mutex_;
  std::unordered_map<void*, size_t> sizes_;
  std::unordered_map<size_t, std::vector<void*>> free_;
  size_t kept_ = 0;
  int64_t fault_ = 0;
  CpuMemory figures_;
};

// Never destroyed: tensors of other static objects may be freed after it.
Blocks& blocks() {
  static auto* instance = new Blocks();
  return *instance;
}

void free_block(void* block) { blocks().free(block); }

struct KeepingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) PM_ALLOCATE_CONST override {
    void* block = blocks().allocate(bytes);
    return {block, block, &free_block, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_block; }
#if PM_TORCH_AT_LEAST(2, 3)
  void copy_data(void* to, const void* from, std::size_t bytes) const override { std::memcpy(to, from, bytes); }
#endif
};

// Installed when the library is loaded, before any tensor of ours exists. Blocks that LibTorch allocated earlier carry
// their own deleter.
const bool installed = [] {
  static auto* allocator = new KeepingAllocator();
  c10::SetCPUAllocator(allocator, 1);
  return true;
}();

}  // namespace

CpuMemory cpu_memory() { return blocks().figures(); }
void reset_cpu_peak() { blocks().reset_peak(); }
void empty_cpu_cache() { blocks().empty(); }

}  // namespace panamind

int32_t pm_fault_allocation(int64_t n) {
  return panamind::guard([&] { panamind::blocks().fault(n); });
}
