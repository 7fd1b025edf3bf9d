/* The ABI from plain C: the header compiles as C, errors come back as codes, and nothing is left behind. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "panamind.h"

static int failures = 0;

#define CHECK(condition)                                                                         \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      printf("%s:%d: %s does not hold; last error: %s\n", __FILE__, __LINE__, #condition, pm_last_error()); \
      failures++;                                                                                \
    }                                                                                            \
  } while (0)

static pm_tensor floats(const float* data, int64_t count) {
  pm_tensor tensor = NULL;
  CHECK(pm_tensor_from_host(data, count * 4, 6, &count, 1, &tensor) == PM_OK);
  return tensor;
}

static pm_value of_tensor(pm_tensor tensor) {
  pm_value value = {PM_TENSOR, 0, (int64_t)tensor};
  return value;
}

static void test_operator_with_default_arguments(void) {
  float a[] = {1, 2, 3}, b[] = {10, 20, 30}, sum[3];
  pm_tensor x = floats(a, 3), y = floats(b, 3);
  int32_t add = -1, results = 0;
  CHECK(pm_op_find("aten::add", "Tensor", &add) == PM_OK);
  pm_value args[] = {of_tensor(x), of_tensor(y)}, out;
  CHECK(pm_call(add, args, 2, &out, 1, &results) == PM_OK && results == 1 && out.tag == PM_TENSOR);
  pm_tensor z = (pm_tensor)out.payload;
  CHECK(pm_tensor_to_host(z, sum, sizeof sum) == PM_OK);
  CHECK(sum[0] == 11 && sum[1] == 22 && sum[2] == 33);
  pm_tensor all[] = {x, y, z, NULL};
  CHECK(pm_tensor_free_many(all, 4) == PM_OK);
}

static void test_results_beyond_capacity_wait(void) {
  float a[] = {1, 2, 3, 4, 5};
  pm_tensor x = floats(a, 5);
  int32_t split = -1, results = 0, rest = 0;
  CHECK(pm_op_find("aten::split", "Tensor", &split) == PM_OK);
  pm_value args[] = {of_tensor(x), {PM_INT, 0, 1}}, outs[8];
  CHECK(pm_call(split, args, 2, outs, 2, &results) == PM_OK && results == 6 && outs[0].tag == PM_TENSOR_LIST);
  CHECK(pm_call_rest(outs + 2, 6, &rest) == PM_OK && rest == 4);
  for (int i = 1; i < 6; i++) CHECK(pm_tensor_free((pm_tensor)outs[i].payload) == PM_OK);
  CHECK(pm_tensor_free(x) == PM_OK);
}

static void test_errors_are_codes_with_a_message(void) {
  float a[] = {1, 2, 3};
  pm_tensor x = floats(a, 3), out = NULL;
  int32_t op = -1, results = 0;
  CHECK(pm_op_find("aten::no_such_thing", "", &op) == PM_ERROR_ARGUMENT);
  CHECK(strstr(pm_last_error(), "aten::no_such_thing") != NULL);
  CHECK(pm_op_find("aten::mm", "", &op) == PM_OK);
  pm_value args[] = {of_tensor(x), {PM_INT, 0, 7}}, result;
  CHECK(pm_call(op, args, 2, &result, 1, &results) == PM_ERROR_ARGUMENT);
  CHECK(strstr(pm_last_error(), "'mat2' is Tensor, was given int") != NULL);
  args[1] = of_tensor(x);
  CHECK(pm_call(op, args, 2, &result, 1, &results) == PM_ERROR_TORCH);
  CHECK(strchr(pm_last_error(), '\n') == NULL);
  int64_t huge[] = {1LL << 40, 1LL << 40};
  CHECK(pm_tensor_from_host(a, 12, 6, huge, 2, &out) == PM_ERROR_ARGUMENT);
  CHECK(pm_fault_allocation(1) == PM_OK);
  int64_t three = 3;
  CHECK(pm_tensor_from_host(a, 12, 6, &three, 1, &out) == PM_ERROR_OUT_OF_MEMORY);
  CHECK(pm_tensor_free(x) == PM_OK);
}

static void test_backward_and_adamw(void) {
  float a[] = {1, -2}, g[2];
  pm_tensor x = floats(a, 2), grad = NULL;
  CHECK(pm_tensor_set_requires_grad(x, 1) == PM_OK);
  int32_t mul = -1, sum = -1, results = 0, finite = 0;
  CHECK(pm_op_find("aten::mul", "Tensor", &mul) == PM_OK && pm_op_find("aten::sum", "", &sum) == PM_OK);
  pm_value square[] = {of_tensor(x), of_tensor(x)}, y, s;
  CHECK(pm_call(mul, square, 2, &y, 1, &results) == PM_OK);
  CHECK(pm_call(sum, &y, 1, &s, 1, &results) == PM_OK);
  pm_tensor root = (pm_tensor)s.payload;
  CHECK(pm_backward(&root, NULL, 1, 0, 0) == PM_OK);
  CHECK(pm_tensor_grad(x, &grad) == PM_OK);
  CHECK(pm_tensor_to_host(grad, g, sizeof g) == PM_OK && g[0] == 2 && g[1] == -4);
  double norm = 0;
  CHECK(pm_grad_norm(&x, 1, 0.5, &norm, &finite) == PM_OK && finite && fabs(norm - 0.5 * sqrt(20)) < 1e-12);
  float zeros[] = {0, 0};
  pm_tensor m = floats(zeros, 2), v = floats(zeros, 2);
  CHECK(pm_adamw(&x, &m, &v, 1, 0.1, 0.9, 0.999, 1e-8, 0, 1, 1) == PM_OK);
  CHECK(pm_tensor_to_host(x, g, sizeof g) == PM_OK && fabs(g[0] - 0.9) < 1e-6 && fabs(g[1] + 1.9) < 1e-6);
  pm_tensor all[] = {x, m, v, grad, root, (pm_tensor)y.payload};
  CHECK(pm_tensor_free_many(all, 6) == PM_OK);
}

/* A group of one rank: every collective gives what it was given, over the real store and backend. */
static void test_group_of_one_rank(void) {
  pm_store store = NULL, part = NULL;
  pm_group group = NULL;
  pm_work work = NULL;
  int32_t port = 0, there = 0, done = 0;
  int64_t needed = 0, count = 0, age = 0;
  char text[64];
  CHECK(pm_store_open("127.0.0.1", 0, 1, 5000, &store, &port) == PM_OK && port > 0);
  CHECK(pm_store_prefix(store, "part", &part) == PM_OK);
  CHECK(pm_store_set(part, "key", "value", 5) == PM_OK);
  CHECK(pm_store_contains(part, "key", &there) == PM_OK && there == 1);
  CHECK(pm_store_contains(store, "key", &there) == PM_OK && there == 0);
  CHECK(pm_store_get(part, "key", 1000, text, 3, &needed) == PM_OK && needed == 5 && memcmp(text, "val", 3) == 0);
  CHECK(pm_store_add(store, "count", 2, &count) == PM_OK && count == 2);
  CHECK(pm_store_add(store, "count", 40, &count) == PM_OK && count == 42);

  CHECK(pm_group_open(part, "gloo", "127.0.0.1", 0, 1, 5000, &group) == PM_OK);
  float a[] = {1, 2, 3}, b[3];
  pm_tensor x = floats(a, 3), y = floats(a, 3);
  CHECK(pm_group_all_reduce(group, x, PM_REDUCE_SUM, &work) == PM_OK);
  CHECK(pm_work_wait(work, 0) == PM_OK);
  CHECK(pm_work_is_completed(work, &done) == PM_OK && done == 1);
  CHECK(pm_work_free(work) == PM_OK);
  CHECK(pm_tensor_to_host(x, b, sizeof b) == PM_OK && memcmp(a, b, sizeof a) == 0);
  CHECK(pm_group_all_gather(group, y, x, &work) == PM_OK && pm_work_wait(work, 1000) == PM_OK);
  CHECK(pm_work_free(work) == PM_OK);
  CHECK(pm_group_reduce_scatter(group, y, x, PM_REDUCE_MAX, &work) == PM_OK && pm_work_wait(work, 1000) == PM_OK);
  CHECK(pm_work_free(work) == PM_OK);
  CHECK(pm_group_barrier(group, &work) == PM_OK && pm_work_wait(work, 1000) == PM_OK && pm_work_free(work) == PM_OK);
  CHECK(pm_group_in_flight(group, text, sizeof text, &needed, &age) == PM_OK && text[0] == 0);
  int64_t hashes[2];
  pm_tensor both[] = {x, y};
  CHECK(pm_hash(both, 2, hashes) == PM_OK && hashes[0] == hashes[1]);
  CHECK(pm_group_free(group) == PM_OK && pm_store_free(part) == PM_OK && pm_store_free(store) == PM_OK);
  CHECK(pm_tensor_free_many(both, 2) == PM_OK);
}

/* A reducer over a group of one rank: the gradient of the sum of squares, and what it says of itself. */
static void test_reducer(void) {
  pm_store store = NULL;
  pm_group group = NULL;
  pm_reducer reducer = NULL;
  int32_t port = 0, mul = -1, sum = -1, results = 0;
  int64_t figures[5];
  float a[] = {1, -2}, g[2];
  pm_tensor x = floats(a, 2), grad = NULL;
  CHECK(pm_tensor_set_requires_grad(x, 1) == PM_OK);
  CHECK(pm_store_open("127.0.0.1", 0, 1, 5000, &store, &port) == PM_OK);
  CHECK(pm_group_open(store, "gloo", "127.0.0.1", 0, 1, 5000, &group) == PM_OK);
  CHECK(pm_reducer_open(group, &x, 1, 1 << 20, 4 << 20, 1, 0, &reducer) == PM_OK);
  CHECK(pm_op_find("aten::mul", "Tensor", &mul) == PM_OK && pm_op_find("aten::sum", "", &sum) == PM_OK);
  pm_value square[] = {of_tensor(x), of_tensor(x)}, y, s;
  CHECK(pm_call(mul, square, 2, &y, 1, &results) == PM_OK && pm_call(sum, &y, 1, &s, 1, &results) == PM_OK);
  pm_tensor root = (pm_tensor)s.payload;
  CHECK(pm_reducer_prepare(reducer, &root, 1) == PM_OK);
  CHECK(pm_backward(&root, NULL, 1, 0, 0) == PM_OK);
  CHECK(pm_reducer_wait(reducer, 1000) == PM_OK);
  CHECK(pm_tensor_grad(x, &grad) == PM_OK);
  CHECK(pm_tensor_to_host(grad, g, sizeof g) == PM_OK && g[0] == 2 && g[1] == -4);
  CHECK(pm_reducer_stats(reducer, figures, 5) == PM_OK && figures[0] == 1 && figures[1] == 8);
  pm_tensor all[] = {grad, root, (pm_tensor)y.payload, x};
  CHECK(pm_tensor_free_many(all, 3) == PM_OK);
  CHECK(pm_reducer_free(reducer) == PM_OK && pm_group_free(group) == PM_OK && pm_store_free(store) == PM_OK);
  CHECK(pm_tensor_free(x) == PM_OK);
}

/* What cannot work says so, with a code of its own where others had a part in it, and leaves nothing behind. */
static void test_distributed_errors(void) {
  pm_store store = NULL, other = NULL;
  pm_group group = NULL;
  pm_work work = NULL;
  int32_t port = 0;
  int64_t needed = 0;
  char text[8];
  CHECK(pm_store_open("127.0.0.1", 0, 1, 5000, &store, &port) == PM_OK);
  CHECK(pm_store_get(store, "never", 50, text, sizeof text, &needed) == PM_ERROR_DISTRIBUTED);
  CHECK(strstr(pm_last_error(), "never") != NULL);
  CHECK(pm_store_wait(store, "never", 50) == PM_ERROR_DISTRIBUTED);
  CHECK(pm_store_open("127.0.0.1", port, 1, 500, &other, &port) == PM_ERROR_DISTRIBUTED && other == NULL);
  CHECK(pm_group_open(store, "pigeons", "127.0.0.1", 0, 1, 500, &group) != PM_OK && group == NULL);
  CHECK(strstr(pm_last_error(), "pigeons") != NULL);
  CHECK(pm_group_open(store, "gloo", "127.0.0.1", 2, 2, 500, &group) == PM_ERROR_ARGUMENT && group == NULL);
  /* The second rank never comes. */
  CHECK(pm_group_open(store, "gloo", "127.0.0.1", 0, 2, 300, &group) == PM_ERROR_DISTRIBUTED && group == NULL);
  CHECK(pm_group_all_reduce(NULL, NULL, PM_REDUCE_SUM, &work) == PM_ERROR_ARGUMENT && work == NULL);
  pm_store alone = NULL;
  CHECK(pm_store_prefix(store, "alone", &alone) == PM_OK);
  CHECK(pm_group_open(alone, "gloo", "127.0.0.1", 0, 1, 5000, &group) == PM_OK);
  float a[] = {1, 2, 3};
  pm_tensor x = floats(a, 3), y = floats(a, 2);
  CHECK(pm_group_broadcast(group, x, 1, &work) == PM_ERROR_ARGUMENT && work == NULL);
  CHECK(pm_group_all_gather(group, y, x, &work) == PM_ERROR_ARGUMENT && work == NULL);
  CHECK(strstr(pm_last_error(), "all_gather") != NULL);
  pm_tensor both[] = {x, y};
  CHECK(pm_tensor_free_many(both, 2) == PM_OK);
  CHECK(pm_group_free(group) == PM_OK && pm_store_free(alone) == PM_OK && pm_store_free(store) == PM_OK);
  CHECK(pm_group_free(NULL) == PM_OK && pm_work_free(NULL) == PM_OK && pm_store_free(NULL) == PM_OK);
}

int main(void) {
  int64_t before = pm_live_tensors();
  CHECK(pm_abi_version() == PM_ABI_VERSION);
  test_operator_with_default_arguments();
  test_results_beyond_capacity_wait();
  test_errors_are_codes_with_a_message();
  test_backward_and_adamw();
  if (pm_features() & PM_FEATURE_GLOO) {
    test_group_of_one_rank();
    test_reducer();
    test_distributed_errors();
  } else {
    printf("built without Gloo: stores and groups are left out\n");
  }
  CHECK(pm_live_tensors() == before);
  printf("%s\n", failures == 0 ? "all hold" : "failed");
  return failures != 0;
}
