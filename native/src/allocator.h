// Figures and controls of the CPU allocator.
#pragma once

#include <cstdint>

namespace panamind {

struct CpuMemory {
  int64_t in_use = 0;  // bytes of live tensors
  int64_t peak = 0;    // most of it ever
  int64_t held = 0;    // bytes taken from the system, those kept for reuse included
};

CpuMemory cpu_memory();
void reset_cpu_peak();
void empty_cpu_cache();

}  // namespace panamind
