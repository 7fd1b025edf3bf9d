// The schemas of our operators. Each is differentiable through its own autograd function.
#include <torch/library.h>

#include "kernels.h"

TORCH_LIBRARY(panamind, library) {
  library.def("linear(Tensor x, Tensor weight) -> Tensor", &panamind::linear);
  library.def("rms_norm(Tensor x, Tensor weight, float eps) -> Tensor", &panamind::rms_norm);
  library.def("rope(Tensor x, Tensor cos, Tensor sin) -> Tensor", &panamind::rope);
  library.def("swiglu(Tensor gate, Tensor up) -> Tensor", &panamind::swiglu);
  library.def("attention(Tensor q, Tensor k, Tensor v, Tensor? first_key=None) -> Tensor", &panamind::attention);
  library.def("cache_append(Tensor(a!) cache, Tensor x, int length) -> Tensor(a)", &panamind::cache_append);
  library.def(
      "linear_cross_entropy(Tensor x, Tensor weight, Tensor target, Tensor? row_weight=None, int ignored=-100) -> Tensor",
      &panamind::linear_cross_entropy);
  library.def("linear_log_probs(Tensor x, Tensor weight, Tensor target, float temperature=1.0) -> Tensor",
              &panamind::linear_log_probs);
}
