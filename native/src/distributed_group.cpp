// Process groups and their collectives. What goes over the wire is c10d's; here are checks, messages, and the types
// that a backend does not know.
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <thread>

#include "compat_distributed.h"
#include "distributed.h"

namespace panamind {
namespace {

constexpr auto kPoll = std::chrono::microseconds(200);

c10d::ReduceOp reduce_op(int32_t reduction) {
  switch (reduction) {
    case PM_REDUCE_SUM: return c10d::ReduceOp::SUM;
    case PM_REDUCE_MAX: return c10d::ReduceOp::MAX;
    case PM_REDUCE_MIN: return c10d::ReduceOp::MIN;
    default: throw ArgumentError("reduction " + std::to_string(reduction) + " is none of PM_REDUCE_");
  }
}

// Gloo calculates in these alone; other types go over the wire in the next wider one.
at::ScalarType gloo_type(at::ScalarType type) {
  switch (type) {
    case at::kBFloat16: return at::kFloat;
    case at::kBool:
    case at::kShort: return at::kInt;
    default: return type;
  }
}

// The elements as bytes, for collectives that only carry them: so all types go over all backends.
at::Tensor bytes_of(const at::Tensor& tensor) { return tensor.detach().view({-1}).view(at::kByte); }

int64_t byte_count(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.numel() * static_cast<int64_t>(tensor.element_size()) : 0;
}

}  // namespace

Collective::Collective(std::string name, int64_t bytes, int64_t number,
                       std::shared_ptr<const Membership> membership)
    : name_(std::move(name)), bytes_(bytes), number_(number), membership_(std::move(membership)) {}

bool Collective::completed() const { return !work || work->isCompleted(); }

int64_t Collective::age_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_).count();
}

std::string Collective::describe() const {
  return name_ + " of " + std::to_string(bytes_) + " bytes (collective " + std::to_string(number_) + " of rank " +
         std::to_string(membership_->rank) + " of " + std::to_string(membership_->size) + " over " +
         membership_->backend + ")";
}

std::string Collective::describe_failure() const {
  return describe() + " failed after " + seconds(age_ms()) + ", time-out " + seconds(membership_->timeout_ms);
}

void Collective::finish_once() {
  std::call_once(finished_, [this] {
    if (!finish) return;
    at::NoGradGuard no_grad;
    finish();
    finish = nullptr;
  });
}

void Collective::wait(int64_t timeout_ms) {
  distributed(
      [&] {
        if (work && membership_->backend == "nccl" && timeout_ms > 0) wait_on_device(timeout_ms);
        if (work) work->wait(std::chrono::milliseconds(timeout_ms));
        finish_once();
      },
      [&] { return describe_failure(); });
}

// NCCL's own wait only orders streams, so the host asks.
void Collective::wait_on_device(int64_t timeout_ms) {
  auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!work->isCompleted()) {
    if (Clock::now() >= deadline) throw DistributedError(describe_failure() + ": no answer from the other ranks");
    std::this_thread::sleep_for(kPoll);
  }
  if (auto failure = work->exception()) std::rethrow_exception(failure);
}

Group::Group(c10::intrusive_ptr<c10d::ProcessGroup> process_group, Membership member)
    : group(std::move(process_group)), membership(std::make_shared<const Membership>(std::move(member))) {}

bool Group::over_gloo() const { return membership->backend == "gloo"; }

void Group::check(const at::Tensor& tensor, const char* what) const {
  if (!tensor.is_contiguous()) throw ArgumentError(std::string(what) + " of a collective is not contiguous");
  auto wanted = over_gloo() ? c10::kCPU : c10::kCUDA;
  if (tensor.device().type() != wanted) {
    throw ArgumentError(std::string(what) + " is on " + tensor.device().str() + ", a group over " +
                        membership->backend + " takes tensors on " + c10::DeviceTypeName(wanted, true));
  }
}

void Group::forget_completed() {
  while (!in_flight_.empty() && in_flight_.front()->completed()) in_flight_.pop_front();
}

std::shared_ptr<Collective> Group::oldest_in_flight() {
  std::lock_guard<std::mutex> lock(mutex_);
  forget_completed();
  return in_flight_.empty() ? nullptr : in_flight_.front();
}

template <class Start>
std::shared_ptr<Collective> Group::start(const std::string& name, const at::Tensor& tensor, Start&& start) {
  std::lock_guard<std::mutex> lock(mutex_);
  forget_completed();
  auto collective = std::make_shared<Collective>(name, byte_count(tensor), ++started_, membership);
  // No elements, no traffic: the backends refuse it, and all ranks see the same.
  if (tensor.defined() && tensor.numel() == 0) return collective;
  at::NoGradGuard no_grad;
  distributed([&] { collective->work = start(*collective); }, [&] { return collective->describe_failure(); });
  in_flight_.push_back(collective);
  return collective;
}

std::shared_ptr<Collective> Group::all_reduce(const at::Tensor& tensor, int32_t reduction, const std::string& name) {
  check(tensor, "tensor");
  c10d::AllreduceOptions options;
  options.reduceOp = reduce_op(reduction);
  return start(name, tensor, [&](Collective& collective) {
    auto target = tensor.detach();
    auto type = over_gloo() ? gloo_type(target.scalar_type()) : target.scalar_type();
    auto wire = target.to(type);
    if (type != target.scalar_type()) collective.finish = [target, wire] { target.copy_(wire); };
    std::vector<at::Tensor> tensors{wire};
    return group->allreduce(tensors, options);
  });
}

std::shared_ptr<Collective> Group::broadcast(const at::Tensor& tensor, int32_t root) {
  check(tensor, "tensor");
  if (root < 0 || root >= membership->size) {
    throw ArgumentError("root " + std::to_string(root) + " is no rank of a group of " +
                        std::to_string(membership->size));
  }
  c10d::BroadcastOptions options;
  options.rootRank = root;
  return start("broadcast", tensor, [&](Collective&) {
    std::vector<at::Tensor> tensors{bytes_of(tensor)};
    return group->broadcast(tensors, options);
  });
}

std::shared_ptr<Collective> Group::all_gather(const at::Tensor& output, const at::Tensor& input) {
  check(output, "output");
  check(input, "input");
  if (output.numel() != input.numel() * membership->size || output.scalar_type() != input.scalar_type()) {
    throw ArgumentError("all_gather of " + std::to_string(input.numel()) + " elements from " +
                        std::to_string(membership->size) + " ranks into " + std::to_string(output.numel()) +
                        (output.scalar_type() == input.scalar_type() ? "" : " of another dtype"));
  }
  return start("all_gather", input, [&](Collective&) {
    auto into = bytes_of(output);
    auto from = bytes_of(input);
    if (!over_gloo()) return compat::all_gather_single(*group, into, from, 0);
    std::vector<std::vector<at::Tensor>> outputs{into.chunk(membership->size)};
    std::vector<at::Tensor> inputs{from};
    return group->allgather(outputs, inputs);
  });
}

std::shared_ptr<Collective> Group::reduce_scatter(const at::Tensor& output, const at::Tensor& input,
                                                  int32_t reduction) {
  check(output, "output");
  check(input, "input");
  if (input.numel() != output.numel() * membership->size || output.scalar_type() != input.scalar_type()) {
    throw ArgumentError("reduce_scatter of " + std::to_string(input.numel()) + " elements over " +
                        std::to_string(membership->size) + " ranks into " + std::to_string(output.numel()) +
                        (output.scalar_type() == input.scalar_type() ? "" : " of another dtype"));
  }
  auto op = reduce_op(reduction);
  return start("reduce_scatter", input, [&](Collective& collective) {
    auto into = output.detach();
    if (!over_gloo()) {
      c10d::ReduceScatterOptions options;
      options.reduceOp = op;
      auto from = input.detach();
      return compat::reduce_scatter_single(*group, into, from, options, 0);
    }
    auto all = input.detach().view({-1}).to(gloo_type(input.scalar_type()), false, true);
    auto mine = all.narrow(0, membership->rank * output.numel(), output.numel());
    collective.finish = [into, mine] { into.copy_(mine.view(into.sizes())); };
    c10d::AllreduceOptions options;
    options.reduceOp = op;
    std::vector<at::Tensor> tensors{all};
    return group->allreduce(tensors, options);
  });
}

std::shared_ptr<Collective> Group::barrier() {
  return start("barrier", at::Tensor(), [&](Collective&) { return group->barrier(); });
}

namespace {

Group& need_group(pm_group group) {
  if (group == nullptr) throw ArgumentError("group is NULL");
  return *group->group;
}

Collective& need_work(pm_work work) {
  if (work == nullptr) throw ArgumentError("work is NULL");
  return *work->collective;
}

template <class Start>
int32_t give_work(pm_group group, pm_work* out, Start&& start) noexcept {
  return guard([&] {
    auto collective = start(need_group(group));
    *out = new pm_work_s{std::move(collective), group->group};
  });
}

c10::intrusive_ptr<c10d::ProcessGroup> open_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                    const std::string& address, const Membership& membership) {
  if (membership.backend == "gloo") {
#ifdef PM_WITH_GLOO
    return open_gloo(store, address, membership);
#else
    throw ArgumentError("this library was built without Gloo: install its headers (libgloo-dev) and rebuild native/");
#endif
  }
  if (membership.backend == "nccl") {
#ifdef PM_WITH_NCCL
    return open_nccl(store, membership);
#else
    throw ArgumentError(
        "this library was built without NCCL: it needs a LibTorch for CUDA, nccl.h and CUDA's headers; rebuild native/");
#endif
  }
  throw ArgumentError("unknown backend '" + membership.backend + "'; known are gloo, nccl");
}

}  // namespace
}  // namespace panamind

using namespace panamind;

int32_t pm_group_open(pm_store store, const char* backend, const char* address, int32_t rank, int32_t size,
                      int64_t timeout_ms, pm_group* out) {
  return guard([&] {
    if (store == nullptr) throw ArgumentError("store is NULL");
    Membership membership{backend, rank, size, timeout_ms};
    if (size < 1 || rank < 0 || rank >= size) {
      throw ArgumentError("rank " + std::to_string(rank) + " of a group of " + std::to_string(size));
    }
    if (timeout_ms < 1) throw ArgumentError("time-out " + std::to_string(timeout_ms) + " ms is not positive");
    auto group = distributed([&] { return open_backend(store->store, address, membership); },
                             [&] {
                               return "rank " + std::to_string(rank) + " could not join the group of " +
                                      std::to_string(size) + " over " + backend + ", time-out " + seconds(timeout_ms);
                             });
    auto joined = std::make_shared<Group>(std::move(group), std::move(membership));
#ifdef PM_WITH_GLOO
    watch_for_gloo(joined);
#endif
    *out = new pm_group_s{std::move(joined)};
  });
}

int32_t pm_group_all_reduce(pm_group group, pm_tensor tensor, int32_t reduction, pm_work* out) {
  return give_work(group, out,
                   [&](Group& g) { return g.all_reduce(need(tensor, "tensor"), reduction, "all_reduce"); });
}

int32_t pm_group_broadcast(pm_group group, pm_tensor tensor, int32_t root, pm_work* out) {
  return give_work(group, out, [&](Group& g) { return g.broadcast(need(tensor, "tensor"), root); });
}

int32_t pm_group_all_gather(pm_group group, pm_tensor output, pm_tensor input, pm_work* out) {
  return give_work(group, out, [&](Group& g) { return g.all_gather(need(output, "output"), need(input, "input")); });
}

int32_t pm_group_reduce_scatter(pm_group group, pm_tensor output, pm_tensor input, int32_t reduction, pm_work* out) {
  return give_work(
      group, out, [&](Group& g) { return g.reduce_scatter(need(output, "output"), need(input, "input"), reduction); });
}

int32_t pm_group_barrier(pm_group group, pm_work* out) {
  return give_work(group, out, [&](Group& g) { return g.barrier(); });
}

int32_t pm_group_in_flight(pm_group group, char* buffer, int64_t capacity, int64_t* needed, int64_t* age_ms) {
  return guard([&] {
    auto oldest = need_group(group).oldest_in_flight();
    *age_ms = oldest ? oldest->age_ms() : 0;
    put_text(oldest ? oldest->describe() : std::string(), buffer, capacity, needed);
  });
}

int32_t pm_group_free(pm_group group) {
  return guard([&] { delete group; });
}

int32_t pm_work_is_completed(pm_work work, int32_t* out) {
  return guard([&] { *out = need_work(work).completed(); });
}

int32_t pm_work_wait(pm_work work, int64_t timeout_ms) {
  return guard([&] { need_work(work).wait(timeout_ms); });
}

int32_t pm_work_free(pm_work work) {
  return guard([&] { delete work; });
}
