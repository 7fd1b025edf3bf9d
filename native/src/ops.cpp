// The one door to every operator: names to handles, tagged values to a dispatcher stack and back.
#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstring>
#include <deque>
#include <mutex>
#include <sstream>
#include <unordered_map>

#include "compat.h"
#include "internal.h"

namespace panamind {
namespace {

using c10::IValue;
using c10::TypeKind;

// What an argument of a schema accepts, read once from its type.
struct Parameter {
  enum Kind { Tensor, TensorList, OptionalTensorList, Int, Float, Bool, Scalar, String, IntList, FloatList, BoolList,
              ScalarList, Device, Generator, Other };
  Kind kind = Other;
  bool optional = false;
  int32_t length = 0;  // int[2]: a single integer stands for both
  bool has_default = false;
  IValue default_value;
};

// Runs an operator of a known C++ signature without boxing; says false when these arguments need the general way.
using FastPath = bool (*)(const c10::OperatorHandle& handle, const pm_value* args, int32_t count, at::Tensor& result);

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  FastPath fast = nullptr;
};

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

// The undefined tensor has no place in a fast path: operators that take it declare it optional.
bool is_tensor(const pm_value& value) { return value.tag == PM_TENSOR && value.payload != 0; }

bool is_number(const pm_value& value) { return value.tag == PM_INT || value.tag == PM_DOUBLE; }

// A borrowed argument as an at::Tensor that never touches the reference count.
class Borrowed {
 public:
  explicit Borrowed(const pm_value& value)
      : tensor_(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(
            reinterpret_cast<c10::TensorImpl*>(value.payload))) {}
  ~Borrowed() { tensor_.unsafeReleaseTensorImpl(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  operator const at::Tensor&() const { return tensor_; }

 private:
  at::Tensor tensor_;
};

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

bool fast_t(const c10::OperatorHandle& handle, const pm_value* args, int32_t count, at::Tensor& result) {
  if (count != 1 || !is_tensor(args[0])) return false;
  result = handle.typed<at::Tensor(const at::Tensor&)>().call(Borrowed(args[0]));
  return true;
}

bool fast_tt(const c10::OperatorHandle& handle, const pm_value* args, int32_t count, at::Tensor& result) {
  if (count != 2 || !is_tensor(args[0]) || !is_tensor(args[1])) return false;
  result = handle.typed<at::Tensor(const at::Tensor&, const at::Tensor&)>().call(Borrowed(args[0]), Borrowed(args[1]));
  return true;
}

bool fast_ts(const c10::OperatorHandle& handle, const pm_value* args, int32_t count, at::Tensor& result) {
  if (count != 2 || !is_tensor(args[0]) || !is_number(args[1])) return false;
  result = handle.typed<at::Tensor(const at::Tensor&, const c10::Scalar&)>().call(Borrowed(args[0]), as_scalar(args[1]));
  return true;
}

// add and sub: alpha is 1 where it is left off.
bool fast_tts(const c10::OperatorHandle& handle, const pm_value* args, int32_t count, at::Tensor& result) {
  if (count < 2 || count > 3 || !is_tensor(args[0]) || !is_tensor(args[1])) return false;
  if (count == 3 && !is_number(args[2])) return false;
  result = handle.typed<at::Tensor(const at::Tensor&, const at::Tensor&, const c10::Scalar&)>().call(
      Borrowed(args[0]), Borrowed(args[1]), count == 3 ? as_scalar(args[2]) : c10::Scalar(1));
  return true;
}

FastPath fast_path_of(const c10::FunctionSchema& schema, const std::vector<Parameter>& parameters) {
  // In-place and out variants have reference signatures; views and the rest are as good through the general way.
  if (schema.is_mutable() || schema.returns().size() != 1) return nullptr;
  const auto& returned = schema.returns()[0];
  if (returned.alias_info() != nullptr || returned.type()->kind() != TypeKind::TensorType) return nullptr;
  std::string kinds;
  for (const auto& parameter : parameters) {
    if (parameter.optional) return nullptr;
    kinds += parameter.kind == Parameter::Tensor ? 't' : parameter.kind == Parameter::Scalar ? 's' : '?';
  }
  if (kinds == "t") return fast_t;
  if (kinds == "tt") return fast_tt;
  if (kinds == "ts") return fast_ts;
  if (kinds == "tts" && parameters[2].has_default && parameters[2].default_value.isInt() &&
      parameters[2].default_value.toInt() == 1) {
    return fast_tts;
  }
  return nullptr;
}

// Handles are never removed, so a reference stays good while others are added.
class Registry {
 public:
  int32_t find(const std::string& name, const std::string& overload) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto key = name + "." + overload;
    auto known = ids_.find(key);
    if (known != ids_.end()) return known->second;
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle.has_value()) {
      throw ArgumentError("LibTorch " TORCH_VERSION " has no operator " + name +
                          (overload.empty() ? std::string() : "." + overload));
    }
    Operator op{*handle, {}, nullptr};
    for (const auto& argument : handle->schema().arguments()) op.parameters.push_back(parameter_of(argument));
    op.fast = fast_path_of(handle->schema(), op.parameters);
    operators_.push_back(std::move(op));
    auto id = static_cast<int32_t>(operators_.size()) - 1;
    ids_.emplace(key, id);
    return id;
  }

  const Operator& at(int32_t id) {
    // One thread may add while another looks up; a deque keeps references good, not its map of blocks.
    static thread_local std::vector<const Operator*> seen;
    if (id >= 0 && id < static_cast<int32_t>(seen.size()) && seen[id] != nullptr) return *seen[id];
    std::lock_guard<std::mutex> lock(mutex_);
    if (id < 0 || id >= static_cast<int32_t>(operators_.size())) {
      throw ArgumentError("operator handle " + std::to_string(id) + " is none that pm_op_find gave");
    }
    if (static_cast<int32_t>(seen.size()) <= id) seen.resize(operators_.size(), nullptr);
    seen[id] = &operators_[id];
    return *seen[id];
  }

 private:
  std::mutex mutex_;
  std::deque<Operator> operators_;
  std::unordered_map<std::string, int32_t> ids_;
};

// Never destroyed: operators run until the very end of the process.
Registry& registry() {
  static auto* instance = new Registry();
  return *instance;
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

void drop(const std::vector<pm_value>& results) noexcept {
  for (const auto& result : results) {
    if (result.tag == PM_TENSOR) pm_tensor_free(reinterpret_cast<pm_tensor>(result.payload));
  }
}

// Per thread, so that a call allocates nothing of its own.
struct Workspace {
  torch::jit::Stack stack;
  std::vector<pm_value> results;
  std::vector<pm_value> rest;
};

Workspace& workspace() {
  static thread_local Workspace instance;
  return instance;
}

void push_arguments(const Operator& op, const pm_value* args, int32_t count, torch::jit::Stack& stack) {
  if (count < 0 || count > static_cast<int32_t>(op.parameters.size())) {
    throw ArgumentError(op.handle.schema().name() + " takes " + std::to_string(op.parameters.size()) +
                        " arguments, was given " + std::to_string(count));
  }
  for (int32_t i = 0; i < count; i++) {
    if (args[i].tag == PM_TENSOR && op.parameters[i].kind == Parameter::Tensor) {
      stack.emplace_back(take(reinterpret_cast<pm_tensor>(args[i].payload)));
    } else {
      stack.emplace_back(value_of(op, i, args[i]));
    }
  }
  for (size_t i = count; i < op.parameters.size(); i++) {
    const auto& parameter = op.parameters[i];
    if (!parameter.has_default && !parameter.optional) {
      throw ArgumentError(op.handle.schema().name() + ": argument " + std::to_string(i + 1) + " '" +
                          op.handle.schema().arguments()[i].name() + "' is missing");
    }
    stack.push_back(parameter.default_value);
  }
}

int32_t call_boxed(int32_t op, const pm_value* args, int32_t arg_count, pm_value* outs, int32_t capacity,
                   int32_t* result_count) noexcept {
  auto& space = workspace();
  // An operator may call back into this function (a hook in a backward); it then works on a stack of its own.
  torch::jit::Stack stack = std::move(space.stack);
  std::vector<pm_value> results = std::move(space.results);
  auto status = guard([&] {
    stack.clear();
    results.clear();
    const auto& found = registry().at(op);
    push_arguments(found, args, arg_count, stack);
    found.handle.callBoxed(&stack);
    for (const auto& value : stack) append(value, results);
    drop(space.rest);
    space.rest.clear();
    auto fit = std::min<size_t>(results.size(), std::max(capacity, 0));
    if (fit > 0) std::memcpy(outs, results.data(), fit * sizeof(pm_value));
    space.rest.assign(results.begin() + fit, results.end());
    *result_count = static_cast<int32_t>(results.size());
    results.clear();
  });
  if (status != PM_OK) drop(results);
  stack.clear();
  space.stack = std::move(stack);
  space.results = std::move(results);
  return status;
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_op_find(const char* name, const char* overload, int32_t* op) {
  return guard([&] { *op = registry().find(name, overload); });
}

int32_t pm_op_schema(int32_t op, char* buffer, int64_t capacity, int64_t* needed) {
  return guard([&] {
    std::ostringstream text;
    text << registry().at(op).handle.schema();
    put_text(text.str(), buffer, capacity, needed);
  });
}

int32_t pm_op_list(char* buffer, int64_t capacity, int64_t* needed) {
  return guard([&] {
    std::string text;
    for (const auto& name : c10::Dispatcher::singleton().getAllOpNames()) {
      if (!c10::Dispatcher::singleton().findSchema(name).has_value()) continue;  // an implementation alone
      text += name.name + "." + name.overload_name + "\n";
    }
    put_text(text, buffer, capacity, needed);
  });
}

int32_t pm_call(int32_t op, const pm_value* args, int32_t arg_count, pm_value* outs, int32_t capacity,
                int32_t* result_count) {
  bool done = false;
  auto fast_status = guard([&] {
    const auto& found = registry().at(op);
    at::Tensor result;
    if (found.fast == nullptr || capacity < 1 || !found.fast(found.handle, args, arg_count, result)) return;
    outs[0] = {PM_TENSOR, 0, reinterpret_cast<int64_t>(give(std::move(result)))};
    *result_count = 1;
    done = true;
  });
  if (done || fast_status != PM_OK) return fast_status;
  return call_boxed(op, args, arg_count, outs, capacity, result_count);
}
int32_t pm_call_rest(pm_value* outs, int32_t capacity, int32_t* count) {
  return guard([&] {
    auto& rest = workspace().rest;
    auto fit = std::min<size_t>(rest.size(), std::max(capacity, 0));
    if (fit > 0) std::memcpy(outs, rest.data(), fit * sizeof(pm_value));
    rest.erase(rest.begin(), rest.begin() + fit);
    *count = static_cast<int32_t>(fit);
  });
}
