/*
 * Panamind's C ABI over LibTorch: everything that Java (or any language with a C foreign function interface) needs to
 * train a model, and no word of models.
 *
 * Rules that hold for every function:
 * - The result is a status: PM_OK or one of the PM_ERROR_ codes. No C++ exception ever passes. After an error,
 *   pm_last_error() on the same thread says why; it speaks of the latest failed call of that thread alone.
 * - Inputs are borrowed for the duration of the call. Every pm_tensor that comes out is a new reference, owned by the
 *   caller and ended by pm_tensor_free or pm_tensor_free_many. NULL is the undefined tensor, both ways.
 * - Lists are a pointer and a count and belong to the caller. Text is UTF-8. Text of unknown length goes to a caller's
 *   buffer: *needed receives its length in bytes without the final zero, and what fits is written and ended by a zero.
 * - Data types are torch's own ScalarType numbers (6 float32, 15 bfloat16, 5 float16, 7 float64, 4 int64, 3 int32,
 *   2 int16, 1 int8, 0 uint8, 11 bool). A device is torch's DeviceType number (0 CPU, 1 CUDA) and an index (-1: current).
 * - Grad mode, autocast and the current device belong to the calling thread.
 * - An incompatible change to a signature raises PM_ABI_VERSION.
 */
#ifndef PANAMIND_H
#define PANAMIND_H

#include <stdint.h>

#if defined(__GNUC__)
#define PM_API __attribute__((visibility("default")))
#else
#define PM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define PM_ABI_VERSION 2

/* Status codes. */
#define PM_OK 0
#define PM_ERROR_TORCH 1         /* LibTorch refused: shapes, dtypes, devices, a failed CUDA call. */
#define PM_ERROR_OUT_OF_MEMORY 2 /* The CPU or GPU allocator has no such block. */
#define PM_ERROR_STANDARD 3      /* Any other C++ exception. */
#define PM_ERROR_UNKNOWN 4       /* Something that is no C++ exception was thrown. */
#define PM_ERROR_ARGUMENT 5      /* The call itself is wrong: unknown operator, missing argument, wrong kind. */
#define PM_ERROR_CALLBACK 6      /* A callback given by the caller returned non-zero. */
#define PM_ERROR_DISTRIBUTED 7   /* A store or a collective failed or timed out. */

/* Bits of pm_features(). */
#define PM_FEATURE_CUDA 1
#define PM_FEATURE_GLOO 2
#define PM_FEATURE_NCCL 4
#define PM_FEATURE_FUSED_ADAMW_CUDA 8 /* aten::_fused_adamw_ exists. */
#define PM_FEATURE_SDPA 16            /* aten::scaled_dot_product_attention exists. */

/* A tensor: one reference to a torch TensorImpl. */
typedef struct pm_tensor_s* pm_tensor;

/* Kinds of pm_value. */
#define PM_NONE 0
#define PM_TENSOR 1      /* payload: a pm_tensor, possibly NULL */
#define PM_INT 2         /* payload: the integer; also dtypes, layouts, memory formats */
#define PM_DOUBLE 3      /* payload: the bits of the double */
#define PM_BOOL 4        /* payload: 0 or 1 */
#define PM_STRING 5      /* payload: const char*, count bytes */
#define PM_INT_LIST 6    /* payload: const int64_t*, count elements */
#define PM_DOUBLE_LIST 7 /* payload: const double*, count elements */
#define PM_BOOL_LIST 8   /* payload: const int64_t*, count elements, 0 or 1 each */
#define PM_TENSOR_LIST 9 /* as argument: const pm_tensor*, count elements; as result: count PM_TENSOR values follow */
#define PM_DEVICE 10     /* payload: index (may be -1), count: the device type */
#define PM_GENERATOR 11  /* payload: index, count: the device type; that device's default generator */

/* One argument or result of an operator. */
typedef struct pm_value {
  int32_t tag;     /* one of the kinds above */
  int32_t count;   /* elements of a list, bytes of a string, type of a device; else 0 */
  int64_t payload; /* the value or the pointer */
} pm_value;

/* ---- Library ------------------------------------------------------------------------------------------------- */

/* PM_ABI_VERSION of the library as built. */
PM_API int32_t pm_abi_version(void);

/* LibTorch's version that the library was compiled against, for example "1.13.0". Never freed. */
PM_API const char* pm_torch_version(void);

/* What the library was built with, as PM_FEATURE_ bits. */
PM_API int32_t pm_features(void);

/* Compiler, parallel backend and BLAS of this LibTorch as one text (torch's own show_config and parallel info). */
PM_API int32_t pm_build_info(char* buffer, int64_t capacity, int64_t* needed);

/* One line on the latest failed call of this thread; borrowed until this thread's next failing call. Never NULL. */
PM_API const char* pm_last_error(void);

/* The same with LibTorch's C++ backtrace where there is one. */
PM_API const char* pm_last_error_detail(void);

/* The number of a data type by torch's name ("float32", "bfloat16", ...); fails for an unknown name. */
PM_API int32_t pm_dtype_of_name(const char* name, int32_t* dtype);

/* ---- Operators: one door to every schema of the dispatcher --------------------------------------------------- */

/* The handle of operator `name` ("aten::add") and `overload` ("Tensor", or "" for the unnamed one). */
PM_API int32_t pm_op_find(const char* name, const char* overload, int32_t* op);

/* The operator's schema as text: names, types and defaults of its arguments, types of its results. */
PM_API int32_t pm_op_schema(int32_t op, char* buffer, int64_t capacity, int64_t* needed);

/* All registered operators, one "name.overload" a line. */
PM_API int32_t pm_op_list(char* buffer, int64_t capacity, int64_t* needed);

/*
 * Runs operator `op`. Arguments stand in the schema's order; those left off at the end, and those of kind PM_NONE that
 * may not be none, take the schema's defaults. An integer serves where a float, a Scalar or a list of integers is
 * wanted. Results are written to outs, a list as PM_TENSOR_LIST followed by its elements; *result_count says how many
 * values there are. Where that is more than capacity, the rest waits for pm_call_rest.
 */
PM_API int32_t pm_call(int32_t op, const pm_value* args, int32_t arg_count, pm_value* outs, int32_t capacity,
                       int32_t* result_count);

/* Hands over up to `capacity` of the results that the latest pm_call of this thread had no room for. */
PM_API int32_t pm_call_rest(pm_value* outs, int32_t capacity, int32_t* count);

/* ---- Tensors ------------------------------------------------------------------------------------------------- */

/* Ends one reference. NULL is allowed. */
PM_API int32_t pm_tensor_free(pm_tensor tensor);

/* Ends `count` references in one call; NULL entries are skipped. */
PM_API int32_t pm_tensor_free_many(const pm_tensor* tensors, int32_t count);

/* A second reference to the same tensor (same data, same graph). */
PM_API int32_t pm_tensor_share(pm_tensor tensor, pm_tensor* out);

/* A new CPU tensor with a copy of `bytes` bytes at `data` (contiguous, row-major). sizes: dims elements. */
PM_API int32_t pm_tensor_from_host(const void* data, int64_t bytes, int32_t dtype, const int64_t* sizes, int32_t dims,
                                   pm_tensor* out);

/* A CPU tensor over the caller's memory, not copied: it must outlive every tensor that shares it. */
PM_API int32_t pm_tensor_over_host(void* data, int64_t bytes, int32_t dtype, const int64_t* sizes, int32_t dims,
                                   pm_tensor* out);

/* Copies the tensor's elements, from any device, in row-major order to `data`; bytes must be their exact size. */
PM_API int32_t pm_tensor_to_host(pm_tensor tensor, void* data, int64_t bytes);

/*
 * Metadata in one call, as many as fit of: dtype, device type, device index, requires_grad, is_contiguous, is_leaf,
 * number of elements, bytes per element, dims, then dims sizes and dims strides (in elements).
 */
PM_API int32_t pm_tensor_info(pm_tensor tensor, int64_t* out, int32_t capacity);

/* Address of the first element (host memory for CPU tensors); valid while the tensor lives. */
PM_API int32_t pm_tensor_data(pm_tensor tensor, void** out);

/* Address of the storage: equal for tensors that share memory. */
PM_API int32_t pm_tensor_storage(pm_tensor tensor, void** out);

/* 1 when both are the very same tensor object. */
PM_API int32_t pm_tensor_same(pm_tensor a, pm_tensor b, int32_t* out);

/* The only element as a double (of any dtype). Waits for the device. */
PM_API int32_t pm_tensor_item(pm_tensor tensor, double* out);

/* The only element of an integer or bool tensor. Waits for the device. */
PM_API int32_t pm_tensor_item_int(pm_tensor tensor, int64_t* out);

/* The tensor as torch prints it. */
PM_API int32_t pm_tensor_text(pm_tensor tensor, char* buffer, int64_t capacity, int64_t* needed);

/* References handed out by this library and not yet ended, of all threads. */
PM_API int64_t pm_live_tensors(void);

/* ---- Autograd ------------------------------------------------------------------------------------------------ */

/* Accumulates gradients into the leaves of `count` roots. root_gradients is NULL for scalar roots. */
PM_API int32_t pm_backward(const pm_tensor* roots, const pm_tensor* root_gradients, int32_t count,
                           int32_t retain_graph, int32_t create_graph);

/* Gradients of the roots with respect to `input_count` inputs, into outs (NULL where an input is not used). */
PM_API int32_t pm_grad(const pm_tensor* roots, const pm_tensor* root_gradients, int32_t count, const pm_tensor* inputs,
                       int32_t input_count, int32_t retain_graph, int32_t create_graph, pm_tensor* outs);

/* The accumulated gradient, NULL when there is none. */
PM_API int32_t pm_tensor_grad(pm_tensor tensor, pm_tensor* out);

/* Sets (or with NULL drops) the accumulated gradient. */
PM_API int32_t pm_tensor_set_grad(pm_tensor tensor, pm_tensor gradient);

/* Says whether a leaf collects gradients. */
PM_API int32_t pm_tensor_set_requires_grad(pm_tensor tensor, int32_t requires_grad);

/* Drops the gradients of `count` tensors, or with keep != 0 zeroes them in place. */
PM_API int32_t pm_zero_grad(const pm_tensor* tensors, int32_t count, int32_t keep);

/* Called with the gradient (borrowed); a non-zero result ends the backward with PM_ERROR_CALLBACK. */
typedef int32_t (*pm_gradient_hook)(void* context, pm_tensor gradient);

/* Calls `hook` each time a gradient of the tensor has been computed, on the thread that computes it. */
PM_API int32_t pm_tensor_add_hook(pm_tensor tensor, pm_gradient_hook hook, void* context, int64_t* id);

/* Removes a hook by the id that pm_tensor_add_hook gave. */
PM_API int32_t pm_tensor_remove_hook(pm_tensor tensor, int64_t id);

/* Turns recording of graphs on or off on this thread; *previous receives what it was. */
PM_API int32_t pm_set_grad_mode(int32_t enabled, int32_t* previous);

/* Whether graphs are recorded on this thread. */
PM_API int32_t pm_grad_mode(int32_t* enabled);

/* ---- Autocast ------------------------------------------------------------------------------------------------ */

/* Sets autocast of this thread for a device type; the previous state comes back for the restoring call. */
PM_API int32_t pm_set_autocast(int32_t device_type, int32_t enabled, int32_t dtype, int32_t* previous_enabled,
                               int32_t* previous_dtype);

/* Enters (+1) or leaves (-1) a region of autocast; leaving the outermost one drops the cache of cast weights. */
PM_API int32_t pm_autocast_nesting(int32_t change);

/* ---- Random numbers, threads, devices, memory ---------------------------------------------------------------- */

/* Seeds the default generators of the CPU and of all CUDA devices. */
PM_API int32_t pm_seed(int64_t seed);

/* State of a device's default generator as a uint8 CPU tensor. */
PM_API int32_t pm_generator_state(int32_t device_type, int32_t device_index, pm_tensor* out);

/* Restores a state that pm_generator_state gave. */
PM_API int32_t pm_set_generator_state(int32_t device_type, int32_t device_index, pm_tensor state);

/* Threads that one operator may use on the CPU. */
PM_API int32_t pm_set_threads(int32_t threads);

/* Threads that one operator may use on the CPU. */
PM_API int32_t pm_threads(int32_t* threads);

/* Number of CUDA devices, 0 without CUDA. */
PM_API int32_t pm_cuda_count(int32_t* count);

/* Name, compute capability and memory of a CUDA device as one line. */
PM_API int32_t pm_cuda_name(int32_t index, char* buffer, int64_t capacity, int64_t* needed);

/* Makes a CUDA device the current one of this thread. */
PM_API int32_t pm_set_cuda_device(int32_t index);

/* Waits until all work queued on a device is done; returns at once for the CPU. */
PM_API int32_t pm_synchronize(int32_t device_type, int32_t device_index);

/* Bytes of tensor memory on a device: out[0] in use, out[1] most ever in use, out[2] held from the system. */
PM_API int32_t pm_memory(int32_t device_type, int32_t device_index, int64_t* out);

/* Lets the "most ever in use" figure start anew. */
PM_API int32_t pm_reset_peak_memory(int32_t device_type, int32_t device_index);

/* Gives blocks held for reuse back to the system. */
PM_API int32_t pm_empty_cache(int32_t device_type, int32_t device_index);

/* Chooses TF32 for float32 matrix products on CUDA (off by default). */
PM_API int32_t pm_set_tf32(int32_t allowed);

/* Fails the n-th CPU allocation from now (1: the next) with PM_ERROR_OUT_OF_MEMORY; 0 switches this off. For tests. */
PM_API int32_t pm_fault_allocation(int64_t n);

/* ---- Measuring ------------------------------------------------------------------------------------------------ */

/* Nanoseconds of one at::add of two tensors with its release, mean over so many in a plain C++ loop. */
PM_API int32_t pm_time_add(pm_tensor a, pm_tensor b, int64_t iterations, double* nanoseconds);

/* ---- Optimizer steps over many tensors in one call ----------------------------------------------------------- */

/*
 * L2 norm over the gradients of `count` tensors (those without one are skipped), accumulated in double precision, times
 * |scale|. *finite receives 0 when any element is NaN or infinite. Waits for the device once.
 */
PM_API int32_t pm_grad_norm(const pm_tensor* tensors, int32_t count, double scale, double* norm, int32_t* finite);

/* Multiplies the gradients of `count` tensors in place. */
PM_API int32_t pm_scale_grad(const pm_tensor* tensors, int32_t count, double scale);

/*
 * One AdamW step (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2) in place over `count` parameters, their
 * gradients and both moments. Parameters without a gradient are left alone. grad_scale multiplies each gradient on the
 * way in (clipping, averaging); the gradients themselves are not changed. step counts from 1. eps stands outside the
 * square root, as in torch.
 */
PM_API int32_t pm_adamw(const pm_tensor* parameters, const pm_tensor* exp_avg, const pm_tensor* exp_avg_sq,
                        int32_t count, double lr, double beta1, double beta2, double eps, double weight_decay,
                        int64_t step, double grad_scale);

/* ---- Distributed: stores, process groups and gradient reduction of LibTorch's c10d ----------------------------- */

/*
 * Failures here are PM_ERROR_DISTRIBUTED, with a message that names the operation, its bytes, the rank and the time-out.
 * A group that failed once is of no further use: free it, and end the process. Times are in milliseconds.
 */

/* A key-value store of all ranks: a TCP server in one process, clients in all. */
typedef struct pm_store_s* pm_store;

/* The ranks that take part in collectives, and the connections among them. */
typedef struct pm_group_s* pm_group;

/* A collective that was started. */
typedef struct pm_work_s* pm_work;

/* Reduces gradients over a group while the backward still runs. */
typedef struct pm_reducer_s* pm_reducer;

/* How the elements of the ranks become one. */
#define PM_REDUCE_SUM 0
#define PM_REDUCE_MAX 1
#define PM_REDUCE_MIN 2

/*
 * Connects to the store at host:port, for up to timeout_ms; with is_server != 0 it is made here first, and port 0 then
 * takes a free one. *bound_port receives the port.
 */
PM_API int32_t pm_store_open(const char* host, int32_t port, int32_t is_server, int64_t timeout_ms, pm_store* out,
                             int32_t* bound_port);

/* The same store with `prefix` and a slash before every key. */
PM_API int32_t pm_store_prefix(pm_store store, const char* prefix, pm_store* out);

/* Sets a key. */
PM_API int32_t pm_store_set(pm_store store, const char* key, const void* data, int64_t bytes);

/* Waits until a key is there. */
PM_API int32_t pm_store_wait(pm_store store, const char* key, int64_t timeout_ms);

/* Waits for a key; *needed receives the length of its value, of which as much as fits is written to data. */
PM_API int32_t pm_store_get(pm_store store, const char* key, int64_t timeout_ms, void* data, int64_t capacity,
                            int64_t* needed);

/* Adds to a counter that starts at 0; *out receives its new value. Such a key is not for pm_store_get. */
PM_API int32_t pm_store_add(pm_store store, const char* key, int64_t amount, int64_t* out);

/* 1 when the key is there. */
PM_API int32_t pm_store_contains(pm_store store, const char* key, int32_t* out);

/* Ends a connection, and the server where it stands in this process and no group or prefix uses it. NULL is allowed. */
PM_API int32_t pm_store_free(pm_store store);

/*
 * Joins `size` ranks as number `rank`, over backend "gloo" (CPU tensors) or "nccl" (tensors of this thread's current
 * CUDA device); returns when the connections stand. Each group needs a prefix of its own in the store. address is a
 * name of this machine by which the others reach it, or "" for GLOO_SOCKET_IFNAME's, else the host name's. timeout_ms
 * holds for this call and for each collective. Over Gloo, a rank that receives more than it expects (the others called a
 * collective of another size) cannot go on: the process says so on its standard error and ends with exit code 75.
 */
PM_API int32_t pm_group_open(pm_store store, const char* backend, const char* address, int32_t rank, int32_t size,
                             int64_t timeout_ms, pm_group* out);

/*
 * Starts a reduction of a contiguous tensor in place. All ranks call the collectives of a group in the same order and
 * with the same sizes. Until the work has been waited for, the tensors of a collective are not to be touched.
 */
PM_API int32_t pm_group_all_reduce(pm_group group, pm_tensor tensor, int32_t reduction, pm_work* out);

/* Starts a copy of root's tensor into those of all others; contiguous, of one size and dtype. */
PM_API int32_t pm_group_broadcast(pm_group group, pm_tensor tensor, int32_t root, pm_work* out);

/* Starts a gathering of all ranks' `input` (n elements) into `output` (size * n elements, in the order of the ranks). */
PM_API int32_t pm_group_all_gather(pm_group group, pm_tensor output, pm_tensor input, pm_work* out);

/*
 * Starts a reduction of `input` (size * n elements) of which rank r keeps part r in `output` (n elements). Over Gloo,
 * which has no such collective, all of it is reduced in a copy, and the part is there once the work was waited for.
 */
PM_API int32_t pm_group_reduce_scatter(pm_group group, pm_tensor output, pm_tensor input, int32_t reduction,
                                       pm_work* out);

/* Starts a meeting of all ranks. */
PM_API int32_t pm_group_barrier(pm_group group, pm_work* out);

/*
 * The oldest collective of the group that is not completed, as one line (empty when there is none), and since when it
 * runs. For a watchdog: may be called from any thread while others call the group.
 */
PM_API int32_t pm_group_in_flight(pm_group group, char* buffer, int64_t capacity, int64_t* needed, int64_t* age_ms);

/* Ends a group. Waits for collectives in flight, at most until they time out. NULL is allowed. */
PM_API int32_t pm_group_free(pm_group group);

/* 1 when the collective has ended, well or not. */
PM_API int32_t pm_work_is_completed(pm_work work, int32_t* out);

/*
 * Waits for a collective, for at most timeout_ms, and fails as it failed. With timeout_ms 0, over Gloo the group's
 * time-out holds; over NCCL the calling thread does not wait: work that it queues on the device later does.
 */
PM_API int32_t pm_work_wait(pm_work work, int64_t timeout_ms);

/* Ends a handle; the collective goes on. NULL is allowed. */
PM_API int32_t pm_work_free(pm_work work);

/*
 * Reduces the gradients of `count` leaf tensors in buckets, as torch's DistributedDataParallel does (Li et al. 2020,
 * arXiv:2006.15704): the first of first_bucket_bytes, the others of bucket_bytes, each as soon as its gradients are
 * there. average != 0 divides the sum by the group's size. find_unused != 0 also serves graphs that leave some
 * parameters out. All ranks give the same tensors in the same order. Gradients become views into the buckets.
 */
PM_API int32_t pm_reducer_open(pm_group group, const pm_tensor* parameters, int32_t count, int64_t first_bucket_bytes,
                               int64_t bucket_bytes, int32_t average, int32_t find_unused, pm_reducer* out);

/*
 * Says that the next backward, from these roots, is to reduce; one without this call before it only accumulates. That
 * backward returns when the reduced gradients are there (over NCCL: are queued), or fails as the reduction failed.
 * The second call sorts the buckets anew by the order in which gradients came, together with all other ranks.
 */
PM_API int32_t pm_reducer_prepare(pm_reducer reducer, const pm_tensor* roots, int32_t count);

/* Waits on the calling thread, at most timeout_ms, until the reductions of the latest backward are done. */
PM_API int32_t pm_reducer_wait(pm_reducer reducer, int64_t timeout_ms);

/*
 * Figures of the latest reducing backward, as many as fit of: buckets, bytes reduced, nanoseconds in which some bucket
 * was under way, those of them before the last gradient was computed (hidden behind the backward), nanoseconds from
 * pm_reducer_prepare to the last gradient. Over NCCL the times are those of queuing.
 */
PM_API int32_t pm_reducer_stats(pm_reducer reducer, int64_t* out, int32_t capacity);

/* Ends a reducer; the tensors and their gradients stay. NULL is allowed. */
PM_API int32_t pm_reducer_free(pm_reducer reducer);

/* A 64-bit hash of each tensor's dtype, sizes and bytes: equal for equal tensors on all ranks. Not for security. */
PM_API int32_t pm_hash(const pm_tensor* tensors, int32_t count, int64_t* hashes);

#ifdef __cplusplus
}
#endif

#endif
