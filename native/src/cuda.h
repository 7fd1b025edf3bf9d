// What the runtime asks of CUDA; cuda.cpp answers, with or without CUDA in the build.
#pragma once

#include <cstdint>
#include <string>

namespace panamind {

std::string cuda_name(int32_t index);
void cuda_synchronize(int32_t index);
void cuda_memory(int32_t index, int64_t* in_use_peak_held);
void cuda_reset_peak(int32_t index);
void cuda_empty_cache();

}  // namespace panamind
