// Tagged values to a schema's types and back.
#include "op_values.h"

#include <ATen/Context.h>

#include <cstring>
#include <sstream>

namespace panamind {

using c10::IValue;
using c10::TypeKind;

namespace {

Parameter::Kind kind_of_list(const c10::Type& element) {
  switch (element.kind()) {
    case TypeKind::TensorType: return Parameter::TensorList;
    case TypeKind::OptionalType: return Parameter::OptionalTensorList;
    case TypeKind::IntType: return Parameter::IntList;
    case TypeKind::SymIntType: return Parameter::IntList;
    case TypeKind::FloatType: return Parameter::FloatList;
    case TypeKind::BoolType: return Parameter::BoolList;
    case TypeKind::NumberType: return Parameter::ScalarList;
    default: return Parameter::Other;
  }
}

Parameter::Kind kind_of(const c10::Type& type) {
  switch (type.kind()) {
    case TypeKind::TensorType: return Parameter::Tensor;
    case TypeKind::IntType: return Parameter::Int;
    case TypeKind::SymIntType: return Parameter::Int;
    case TypeKind::FloatType: return Parameter::Float;
    case TypeKind::BoolType: return Parameter::Bool;
    case TypeKind::NumberType: return Parameter::Scalar;
    case TypeKind::StringType: return Parameter::String;
    case TypeKind::DeviceObjType: return Parameter::Device;
    case TypeKind::GeneratorType: return Parameter::Generator;
    case TypeKind::ListType: return kind_of_list(*type.castRaw<c10::ListType>()->getElementType());
    default: return Parameter::Other;
  }
}

const char* tag_name(int32_t tag) {
  static const char* names[] = {"none",   "Tensor", "int",    "float",    "bool",  "str",
                                "int[]",  "float[]", "bool[]", "Tensor[]", "Device", "Generator"};
  return tag >= 0 && tag <= PM_GENERATOR ? names[tag] : "unknown";
}

[[noreturn]] void refuse(const Operator& op, size_t index, const pm_value& value) {
  const auto& schema = op.handle.schema();
  const auto& argument = schema.arguments()[index];
  std::ostringstream text;
  text << schema.name() << (schema.overload_name().empty() ? "" : ".") << schema.overload_name() << ": argument "
       << index + 1 << " '" << argument.name() << "' is " << argument.type()->annotation_str() << ", was given "
       << tag_name(value.tag);
  throw ArgumentError(text.str());
}

template <class T>
const T* as_pointer(const pm_value& value) {
  return reinterpret_cast<const T*>(value.payload);
}

c10::Device as_device(const pm_value& value) {
  return c10::Device(static_cast<c10::DeviceType>(value.count), static_cast<c10::DeviceIndex>(value.payload));
}

c10::List<int64_t> int_list(const pm_value& value, const Parameter& parameter) {
  c10::List<int64_t> list;
  if (value.tag == PM_INT) {
    for (int32_t i = 0; i < std::max(parameter.length, 1); i++) list.push_back(value.payload);
    return list;
  }
  list.reserve(value.count);
  auto* items = as_pointer<int64_t>(value);
  for (int32_t i = 0; i < value.count; i++) list.push_back(items[i]);
  return list;
}

IValue tensor_list(const pm_value& value, bool optional) {
  auto* items = as_pointer<pm_tensor>(value);
  if (optional) {
    c10::List<c10::optional<at::Tensor>> list;
    for (int32_t i = 0; i < value.count; i++) {
      list.push_back(items[i] == nullptr ? c10::optional<at::Tensor>() : c10::optional<at::Tensor>(take(items[i])));
    }
    return IValue(std::move(list));
  }
  c10::List<at::Tensor> list;
  list.reserve(value.count);
  for (int32_t i = 0; i < value.count; i++) list.push_back(take(items[i]));
  return IValue(std::move(list));
}

IValue list_value(const Operator& op, size_t index, const pm_value& value) {
  const auto& parameter = op.parameters[index];
  switch (parameter.kind) {
    case Parameter::TensorList:
    case Parameter::OptionalTensorList:
      if (value.tag == PM_TENSOR_LIST) return tensor_list(value, parameter.kind == Parameter::OptionalTensorList);
      break;
    case Parameter::IntList:
      if (value.tag == PM_INT_LIST || value.tag == PM_INT) return IValue(int_list(value, parameter));
      break;
    case Parameter::FloatList:
      if (value.tag == PM_DOUBLE_LIST) {
        c10::List<double> list;
        for (int32_t i = 0; i < value.count; i++) list.push_back(as_pointer<double>(value)[i]);
        return IValue(std::move(list));
      }
      break;
    case Parameter::BoolList:
      if (value.tag == PM_BOOL_LIST) {
        c10::List<bool> list;
        for (int32_t i = 0; i < value.count; i++) list.push_back(as_pointer<int64_t>(value)[i] != 0);
        return IValue(std::move(list));
      }
      break;
    case Parameter::ScalarList:
      if (value.tag == PM_DOUBLE_LIST || value.tag == PM_INT_LIST) {
        c10::List<at::Scalar> list;
        for (int32_t i = 0; i < value.count; i++) {
          list.push_back(value.tag == PM_DOUBLE_LIST ? at::Scalar(as_pointer<double>(value)[i])
                                                     : at::Scalar(as_pointer<int64_t>(value)[i]));
        }
        return IValue(std::move(list));
      }
      break;
    default: break;
  }
  refuse(op, index, value);
}

IValue none_value(const Operator& op, size_t index, const pm_value& value) {
  const auto& parameter = op.parameters[index];
  if (parameter.optional) return IValue();
  if (parameter.has_default) return parameter.default_value;
  if (parameter.kind == Parameter::Tensor) return IValue(at::Tensor());
  refuse(op, index, value);
}

}  // namespace

Parameter parameter_of(const c10::Argument& argument) {
  Parameter parameter;
  const c10::Type* type = argument.type().get();
  if (type->kind() == TypeKind::OptionalType) {
    parameter.optional = true;
    type = type->castRaw<c10::OptionalType>()->getElementType().get();
  }
  parameter.kind = kind_of(*type);
  parameter.length = argument.N().value_or(0);
  if (argument.default_value().has_value()) {
    parameter.has_default = true;
    parameter.default_value = *argument.default_value();
  }
  return parameter;
}

double as_double(const pm_value& value) {
  double result;
  std::memcpy(&result, &value.payload, sizeof result);
  return result;
}

c10::Scalar as_scalar(const pm_value& value) {
  if (value.tag == PM_DOUBLE) return c10::Scalar(as_double(value));
  if (value.tag == PM_BOOL) return c10::Scalar(value.payload != 0);
  return c10::Scalar(value.payload);
}

IValue value_of(const Operator& op, size_t index, const pm_value& value) {
  if (value.tag == PM_NONE) return none_value(op, index, value);
  switch (op.parameters[index].kind) {
    case Parameter::Tensor:
      if (value.tag == PM_TENSOR) return IValue(take(reinterpret_cast<pm_tensor>(value.payload)));
      break;
    case Parameter::Int:
      if (value.tag == PM_INT || value.tag == PM_BOOL) return IValue(value.payload);
      break;
    case Parameter::Float:
      if (value.tag == PM_DOUBLE) return IValue(as_double(value));
      if (value.tag == PM_INT) return IValue(static_cast<double>(value.payload));
      break;
    case Parameter::Bool:
      if (value.tag == PM_BOOL) return IValue(value.payload != 0);
      break;
    case Parameter::Scalar:
      if (value.tag == PM_INT || value.tag == PM_DOUBLE || value.tag == PM_BOOL) return IValue(as_scalar(value));
      break;
    case Parameter::String:
      if (value.tag == PM_STRING) return IValue(std::string(as_pointer<char>(value), value.count));
      break;
    case Parameter::Device:
      if (value.tag == PM_DEVICE) return IValue(as_device(value));
      break;
    case Parameter::Generator:
      if (value.tag == PM_GENERATOR) return IValue(at::globalContext().defaultGenerator(as_device(value)));
      break;
    default: return list_value(op, index, value);
  }
  refuse(op, index, value);
}

void append(const IValue& value, std::vector<pm_value>& results) {
  if (value.isNone()) {
    results.push_back({PM_NONE, 0, 0});
  } else if (value.isTensor()) {
    results.push_back({PM_TENSOR, 0, reinterpret_cast<int64_t>(give(value.toTensor()))});
  } else if (value.isInt()) {
    results.push_back({PM_INT, 0, value.toInt()});
  } else if (value.isBool()) {
    results.push_back({PM_BOOL, 0, value.toBool() ? 1 : 0});
  } else if (value.isDouble()) {
    double number = value.toDouble();
    pm_value result{PM_DOUBLE, 0, 0};
    std::memcpy(&result.payload, &number, sizeof number);
    results.push_back(result);
  } else if (value.isScalar()) {
    append(value.toScalar().isIntegral(true) ? IValue(value.toScalar().toLong()) : IValue(value.toScalar().toDouble()),
           results);
  } else if (value.isList()) {
    auto items = value.toListRef();
    results.push_back({PM_TENSOR_LIST, static_cast<int32_t>(items.size()), 0});
    for (const IValue& item : items) append(item, results);
  } else {
    throw ArgumentError("a result of type " + value.tagKind() + " cannot be passed on");
  }
}

}  // namespace panamind
