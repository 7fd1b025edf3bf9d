// The one door to every operator: names to handles, arguments to a dispatcher stack, results back.
#include <cstring>
#include <deque>
#include <mutex>
#include <sstream>
#include <unordered_map>

#include "compat.h"
#include "op_values.h"

namespace panamind {
namespace {

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
