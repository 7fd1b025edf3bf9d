// The plain C++ loop that calls from other languages are compared with.
#include <ATen/ops/add.h>

#include <chrono>

#include "internal.h"

using namespace panamind;

int32_t pm_time_add(pm_tensor a, pm_tensor b, int64_t iterations, double* nanoseconds) {
  return guard([&] {
    if (iterations < 1) throw ArgumentError("iterations is " + std::to_string(iterations) + ", must be at least 1");
    auto x = need(a, "a"), y = need(b, "b");
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < iterations; i++) at::add(x, y);
    auto end = std::chrono::steady_clock::now();
    *nanoseconds = std::chrono::duration<double, std::nano>(end - start).count() / static_cast<double>(iterations);
  });
}
