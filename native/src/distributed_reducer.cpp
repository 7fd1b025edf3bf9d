// Gradients reduced while the backward runs: c10d's Reducer, with a hook of ours that does the all-reduce, so that a
// failure keeps its kind and its message, and the time hidden behind the backward can be told.
#include <torch/csrc/distributed/c10d/logger.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include <algorithm>

#include "compat_distributed.h"
#include "distributed.h"

namespace panamind {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

struct Interval {
  Clock::time_point start;
  Clock::time_point end;
};

struct Figures {
  int64_t buckets = 0;
  int64_t bytes = 0;
  int64_t busy_ns = 0;
  int64_t hidden_ns = 0;
  int64_t backward_ns = 0;
};

int64_t between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration_cast<Nanoseconds>(to - from).count();
}

// What one reducing backward sent, and when. Ends are noted on threads of the backend.
class Backward {
 public:
  void begin() {
    std::lock_guard<std::mutex> lock(mutex_);
    begin_ = Clock::now();
    collectives_.clear();
    intervals_.clear();
    bytes_ = 0;
  }

  size_t started(std::shared_ptr<Collective> collective, int64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    collectives_.push_back(std::move(collective));
    intervals_.push_back({Clock::now(), Clock::time_point::max()});
    bytes_ += bytes;
    return intervals_.size() - 1;
  }

  void ended(size_t index) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (index < intervals_.size()) intervals_[index].end = Clock::now();
  }

  std::vector<std::shared_ptr<Collective>> collectives() {
    std::lock_guard<std::mutex> lock(mutex_);
    return collectives_;
  }

  // A bucket starts as soon as its last gradient is there, so the last to start marks the end of the computation.
  Figures figures() {
    std::lock_guard<std::mutex> lock(mutex_);
    Figures figures;
    figures.buckets = static_cast<int64_t>(intervals_.size());
    figures.bytes = bytes_;
    if (intervals_.empty()) return figures;
    auto now = Clock::now();
    auto last = intervals_.back().start;
    auto covered = begin_;
    for (const auto& interval : intervals_) {
      auto from = std::max(interval.start, covered);
      auto to = std::min(interval.end, now);
      if (to <= from) continue;
      figures.busy_ns += between(from, to);
      if (from < last) figures.hidden_ns += between(from, std::min(to, last));
      covered = to;
    }
    figures.backward_ns = between(begin_, last);
    return figures;
  }

 private:
  std::mutex mutex_;
  Clock::time_point begin_ = Clock::now();
  std::vector<std::shared_ptr<Collective>> collectives_;
  std::vector<Interval> intervals_;
  int64_t bytes_ = 0;
};

class AllReduceHook : public c10d::CommHookInterface {
 public:
  AllReduceHook(std::shared_ptr<Group> group, std::shared_ptr<Backward> backward, bool average)
      : group_(std::move(group)), backward_(std::move(backward)), average_(average) {}

  c10::intrusive_ptr<c10::ivalue::Future> runHook(c10d::GradBucket& bucket) override {
    auto gradients = bucket.getBufferRef();
    // Before the sum, as torch divides: what each rank sends cannot overflow where the mean does not.
    if (average_) gradients.div_(group_->membership->size);
    auto name = "all_reduce of gradient bucket " + std::to_string(bucket.getIndex());
    auto collective = group_->all_reduce(gradients, PM_REDUCE_SUM, name);
    auto bytes = gradients.numel() * static_cast<int64_t>(gradients.element_size());
    auto index = backward_->started(collective, bytes);
    auto backward = backward_;
    auto ended = [collective, backward, index, gradients](c10::ivalue::Future& done) {
      backward->ended(index);
      distributed(
          [&] {
            done.value();
            collective->finish_once();
          },
          [&] { return collective->describe_failure(); });
      return c10::IValue(gradients);
    };
    return collective->work->getFuture()->then(ended, c10::TensorType::get());
  }

  at::Tensor parseHookResult(const c10::IValue& result) override { return result.toTensor(); }

 private:
  const std::shared_ptr<Group> group_;
  const std::shared_ptr<Backward> backward_;
  const bool average_;
};

std::vector<at::Tensor> trainable(const pm_tensor* handles, int32_t count) {
  auto parameters = take_all(handles, count);
  for (int32_t i = 0; i < count; i++) {
    const auto& parameter = parameters[i];
    if (!parameter.defined() || !parameter.requires_grad() || !parameter.is_leaf() || parameter.numel() == 0) {
      throw ArgumentError("parameter " + std::to_string(i) + " is no leaf with elements that collects gradients");
    }
  }
  if (parameters.empty()) throw ArgumentError("a reducer needs parameters");
  return parameters;
}

}  // namespace
}  // namespace panamind

struct pm_reducer_s {
  std::shared_ptr<panamind::Group> group;
  std::shared_ptr<panamind::Backward> backward;
  std::shared_ptr<c10d::Reducer> reducer;
  // The reducer looks at it when the set of unused parameters changes, without asking whether it has one.
  std::shared_ptr<c10d::Logger> logger;
};

using namespace panamind;

int32_t pm_reducer_open(pm_group group, const pm_tensor* parameters, int32_t count, int64_t first_bucket_bytes,
                        int64_t bucket_bytes, int32_t average, int32_t find_unused, pm_reducer* out) {
  return guard([&] {
    if (group == nullptr) throw ArgumentError("group is NULL");
    if (first_bucket_bytes < 1 || bucket_bytes < 1) throw ArgumentError("a bucket's size is not positive");
    auto tensors = trainable(parameters, count);
    auto sizes = std::vector<size_t>{static_cast<size_t>(first_bucket_bytes), static_cast<size_t>(bucket_bytes)};
    auto assigned = c10d::compute_bucket_assignment_by_size(tensors, sizes, std::vector<bool>(tensors.size(), false));
    auto buckets = std::get<0>(assigned);
    auto limits = std::get<1>(assigned);
    // Gradients come in roughly the opposite order of the parameters.
    std::reverse(buckets.begin(), buckets.end());
    std::reverse(limits.begin(), limits.end());
    auto backward = std::make_shared<Backward>();
    auto reducer = compat::make_reducer<c10d::Reducer>(tensors, buckets, limits, group->group->group, bucket_bytes,
                                                       first_bucket_bytes, find_unused != 0);
    reducer->register_comm_hook(std::make_unique<AllReduceHook>(group->group, backward, average != 0));
    auto logger = std::make_shared<c10d::Logger>(reducer);
    reducer->set_logger(logger);
    *out = new pm_reducer_s{group->group, std::move(backward), std::move(reducer), std::move(logger)};
  });
}

int32_t pm_reducer_prepare(pm_reducer reducer, const pm_tensor* roots, int32_t count) {
  return guard([&] {
    if (reducer == nullptr) throw ArgumentError("reducer is NULL");
    auto outputs = take_all(roots, count);
    distributed(
        [&] {
          reducer->reducer->prepare_for_forward();
          reducer->reducer->rebuild_buckets();
          reducer->reducer->prepare_for_backward(outputs);
        },
        [&] {
          return "preparing the reduction of gradients failed on rank " +
                 std::to_string(reducer->group->membership->rank);
        });
    reducer->backward->begin();
  });
}

int32_t pm_reducer_wait(pm_reducer reducer, int64_t timeout_ms) {
  return guard([&] {
    if (reducer == nullptr) throw ArgumentError("reducer is NULL");
    for (const auto& collective : reducer->backward->collectives()) collective->wait(timeout_ms);
  });
}

int32_t pm_reducer_stats(pm_reducer reducer, int64_t* out, int32_t capacity) {
  return guard([&] {
    if (reducer == nullptr) throw ArgumentError("reducer is NULL");
    auto figures = reducer->backward->figures();
    int64_t all[] = {figures.buckets, figures.bytes, figures.busy_ns, figures.hidden_ns, figures.backward_ns};
    std::copy_n(all, std::clamp<int32_t>(capacity, 0, 5), out);
  });
}

int32_t pm_reducer_free(pm_reducer reducer) {
  return guard([&] { delete reducer; });
}
