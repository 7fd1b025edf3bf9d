// What the dispatcher's schemas accept and how tagged values become their arguments.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <vector>

#include "internal.h"

namespace panamind {

// What an argument of a schema accepts, read once from its type.
struct Parameter {
  enum Kind { Tensor, TensorList, OptionalTensorList, Int, Float, Bool, Scalar, String, IntList, FloatList, BoolList,
              ScalarList, Device, Generator, Other };
  Kind kind = Other;
  bool optional = false;
  int32_t length = 0;  // int[2]: a single integer stands for both
  bool has_default = false;
  c10::IValue default_value;
};

// Runs an operator of a known C++ signature without boxing; says false when these arguments need the general way.
using FastPath = bool (*)(const c10::OperatorHandle& handle, const pm_value* args, int32_t count, at::Tensor& result);

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  FastPath fast = nullptr;
};

// Reads what an argument of a schema accepts.
Parameter parameter_of(const c10::Argument& argument);

// The unboxed way of an operator whose signature has one, else nullptr.
FastPath fast_path_of(const c10::FunctionSchema& schema, const std::vector<Parameter>& parameters);

double as_double(const pm_value& value);
c10::Scalar as_scalar(const pm_value& value);

// One argument in the schema's type; throws ArgumentError naming both where it does not fit.
c10::IValue value_of(const Operator& op, size_t index, const pm_value& value);

// One result as tagged values, its tensors as new references.
void append(const c10::IValue& value, std::vector<pm_value>& results);

}  // namespace panamind
