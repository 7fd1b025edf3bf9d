// Debian's libtorch-dev 1.13 leaves out this header, of which c10d's reducer.hpp needs two names. Used only where the
// real one is missing (CMakeLists.txt): the Reducer keeps a shared pointer to this class and calls none of its members.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace torch {
namespace distributed {
namespace autograd {

class DistAutogradContext {
 public:
  using GradCallback = std::function<bool(at::Tensor&)>;
};
using ContextPtr = std::shared_ptr<DistAutogradContext>;

}  // namespace autograd
}  // namespace distributed
}  // namespace torch
