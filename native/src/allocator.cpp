// The CPU allocator: counts bytes, keeps freed blocks for the next step, and can fail on purpose.
//
// A training step asks for the same sizes again and again. The C library gives large blocks back to the system at each
// free and fetches zeroed pages at each allocation; keeping them saves that. Blocks are rounded up so that close sizes
// share a list (at most an eighth is lost), and what is kept never exceeds what the process has had in use at its peak.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <malloc.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "compat.h"
#include "internal.h"

namespace panamind {
namespace {

// Smaller blocks go straight to malloc, which keeps them itself. malloc may give a little more than asked, so the two
// kinds are told apart by a size that lies well between what both can have.
constexpr size_t kSmallRequest = 60 << 10;
constexpr size_t kLargeBlock = 64 << 10;

size_t rounded(size_t bytes) {
  bytes = std::max(bytes, kLargeBlock);
  size_t step = size_t{1} << (63 - __builtin_clzll(bytes) - 3);
  return (bytes + step - 1) / step * step;
}

class Blocks {
 public:
  void* allocate(size_t bytes) {
    if (bytes == 0) return nullptr;
    if (fault_.load(std::memory_order_relaxed) > 0 && fault_.fetch_sub(1) == 1) refuse(bytes, "on purpose");
    return bytes < kSmallRequest ? allocate_small(bytes) : allocate_large(bytes);
  }

  void free(void* block) noexcept {
    if (block == nullptr) return;
    auto usable = malloc_usable_size(block);
    if (usable >= kLargeBlock) {
      free_large(block);
    } else {
      small_.fetch_sub(usable, std::memory_order_relaxed);
      c10::free_cpu(block);
    }
  }

  void empty() {
    std::lock_guard<std::mutex> lock(mutex_);
    empty_locked();
  }

  void reset_peak() {
    std::lock_guard<std::mutex> lock(mutex_);
    peak_ = in_use_;
  }

  void fault(int64_t n) { fault_ = n; }

  CpuMemory figures() {
    std::lock_guard<std::mutex> lock(mutex_);
    // Small blocks are counted apart; their own peak is not kept, and is nothing beside the large ones.
    auto small = small_.load(std::memory_order_relaxed);
    return {in_use_ + small, peak_ + small, held_ + small};
  }

 private:
  void* allocate_small(size_t bytes) {
    void* block;
    try {
      block = c10::alloc_cpu(bytes);
    } catch (const c10::Error&) {
      refuse(bytes, "by the system");
    }
    small_.fetch_add(malloc_usable_size(block), std::memory_order_relaxed);
    return block;
  }

  void* allocate_large(size_t bytes) {
    size_t size = rounded(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    void* block = reuse(size);
    if (block == nullptr) block = fetch(size, bytes);
    sizes_.emplace(block, size);
    in_use_ += size;
    peak_ = std::max(peak_, in_use_);
    return block;
  }

  void free_large(void* block) noexcept {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = sizes_.find(block);
    size_t size = found->second;
    sizes_.erase(found);
    in_use_ -= size;
    if (kept_ + size > static_cast<size_t>(peak_)) {
      release(block, size);
    } else {
      free_[size].push_back(block);
      kept_ += size;
    }
  }

  void* reuse(size_t size) {
    auto list = free_.find(size);
    if (list == free_.end() || list->second.empty()) return nullptr;
    void* block = list->second.back();
    list->second.pop_back();
    kept_ -= size;
    return block;
  }

  // What is kept may be all that stands between this request and success, so it is given back before giving up.
  void* fetch(size_t size, size_t asked) {
    for (bool again : {true, false}) {
      try {
        void* block = c10::alloc_cpu(size);
        held_ += size;
        return block;
      } catch (const c10::Error&) {
        if (again) empty_locked();
      }
    }
    refuse(asked, "by the system");
  }

  // Reads the figures without the lock, which the caller may hold: they are for the message alone.
  [[noreturn]] void refuse(size_t asked, const char* why) {
    TORCH_CHECK_WITH(OutOfMemoryError, false, "out of CPU memory: ", asked, " bytes were refused ", why, " with ",
                     in_use_ + small_.load(), " bytes of tensors in use (", peak_, " at the peak)");
    std::abort();  // not reached; the macro throws
  }

  void release(void* block, size_t size) noexcept {
    c10::free_cpu(block);
    held_ -= size;
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
  int64_t in_use_ = 0;
  int64_t peak_ = 0;
  int64_t held_ = 0;
  std::atomic<int64_t> small_{0};
  std::atomic<int64_t> fault_{0};
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
