// Operators of a few plain signatures, called without boxing their arguments: half the cost of a small operator.
#include "op_values.h"

namespace panamind {
namespace {

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

}  // namespace

FastPath fast_path_of(const c10::FunctionSchema& schema, const std::vector<Parameter>& parameters) {
  // In-place and out variants have reference signatures; views and the rest are as good through the general way.
  if (schema.is_mutable() || schema.returns().size() != 1) return nullptr;
  const auto& returned = schema.returns()[0];
  if (returned.alias_info() != nullptr || returned.type()->kind() != c10::TypeKind::TensorType) return nullptr;
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

}  // namespace panamind
