// Differences between LibTorch versions in c10d, told apart by what the headers have; compat.h's part of them, kept
// aside because they need c10d's headers.
#pragma once

#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace panamind {
namespace compat {

// Until 1.13 a backend is a process group; since 2.0 a process group holds one for each kind of device.
template <class Native, class Group = c10d::ProcessGroup>
c10::intrusive_ptr<Group> as_process_group(const c10::intrusive_ptr<Native>& native,
                                           const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                           c10::DeviceType device, const std::string& name) {
  if constexpr (std::is_base_of_v<Group, Native>) {
    return native;
  } else {
    auto type = name == "nccl" ? Group::BackendType::NCCL : Group::BackendType::GLOO;
    c10::intrusive_ptr<Group> group;
    if constexpr (std::is_constructible_v<Group, const c10::intrusive_ptr<c10d::Store>&, int, int>) {
      group = c10::make_intrusive<Group>(store, rank, size);
      group->setDefaultBackend(type);
    } else {
      // 2.0 to 2.5 take the default backend's name from options.
      group = c10::make_intrusive<Group>(store, rank, size, c10::make_intrusive<typename Group::Options>(name));
    }
    group->setBackend(device, type, native);
    return group;
  }
}

// One tensor in, one tensor out: named anew in 2.13 (the int overloads), where the old names (the long ones) warn.
template <class Group>
auto all_gather_single(Group& group, at::Tensor& output, at::Tensor& input, int)
    -> decltype(group.all_gather_single(output, input)) {
  return group.all_gather_single(output, input);
}
template <class Group>
auto all_gather_single(Group& group, at::Tensor& output, at::Tensor& input, long) {
  return group._allgather_base(output, input);
}
template <class Group>
auto reduce_scatter_single(Group& group, at::Tensor& output, at::Tensor& input,
                           const c10d::ReduceScatterOptions& options, int)
    -> decltype(group.reduce_scatter_single(output, input, options)) {
  return group.reduce_scatter_single(output, input, options);
}
template <class Group>
auto reduce_scatter_single(Group& group, at::Tensor& output, at::Tensor& input,
                           const c10d::ReduceScatterOptions& options, long) {
  return group._reduce_scatter_base(output, input, options);
}

using Buckets = std::vector<std::vector<size_t>>;
using Names = std::unordered_map<size_t, std::string>;
using Flags = std::vector<bool>;

// The constructor of c10d's Reducer lost the sizes of the buckets in 2.7, and gained options later on, of which all
// are left off here.
template <class Reducer>
std::shared_ptr<Reducer> make_reducer(const std::vector<at::Tensor>& parameters, const Buckets& buckets,
                                      const std::vector<size_t>& limits,
                                      const c10::intrusive_ptr<c10d::ProcessGroup>& group, int64_t bucket_bytes,
                                      int64_t first_bucket_bytes, bool find_unused) {
  using Parameters = std::vector<at::Tensor>;
  using Group = c10::intrusive_ptr<c10d::ProcessGroup>;
  Flags sparse(parameters.size(), false);
  if constexpr (std::is_constructible_v<Reducer, Parameters, Buckets, std::vector<size_t>, Group, Flags, int64_t, bool,
                                        bool, Names, int64_t>) {
    return std::make_shared<Reducer>(parameters, buckets, limits, group, sparse, bucket_bytes, find_unused, true,
                                     Names(), first_bucket_bytes);
  } else if constexpr (std::is_constructible_v<Reducer, Parameters, Buckets, Group, Flags, int64_t, bool, bool, Names,
                                               int64_t>) {
    return std::make_shared<Reducer>(parameters, buckets, group, sparse, bucket_bytes, find_unused, true, Names(),
                                     first_bucket_bytes);
  } else if constexpr (std::is_constructible_v<Reducer, Parameters, Buckets, Group, Flags, int64_t, bool, bool, Names,
                                               int64_t, bool, bool>) {
    return std::make_shared<Reducer>(parameters, buckets, group, sparse, bucket_bytes, find_unused, true, Names(),
                                     first_bucket_bytes, false, false);
  } else {
    return std::make_shared<Reducer>(parameters, buckets, group, sparse, bucket_bytes, find_unused, true, Names(),
                                     first_bucket_bytes, false, false, std::vector<int64_t>());
  }
}

}  // namespace compat
}  // namespace panamind
