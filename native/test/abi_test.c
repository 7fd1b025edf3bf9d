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

int main(void) {
  int64_t before = pm_live_tensors();
  CHECK(pm_abi_version() == PM_ABI_VERSION);
  test_operator_with_default_arguments();
  test_results_beyond_capacity_wait();
  test_errors_are_codes_with_a_message();
  test_backward_and_adamw();
  CHECK(pm_live_tensors() == before);
  printf("%s\n", failures == 0 ? "all hold" : "failed");
  return failures != 0;
}
