package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoding's operators, which are computed in other ways for few rows, against plain sums. */
class DecodingOperatorsTest {
  private static final int MOST = 64;

  private static float[] product(float[] x, float[] weight, int rows, int outs, int width) {
    var y = new float[rows * outs];
    for (int place = 0; place < y.length; place++) {
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += (double) x[place / outs * width + i] * weight[place % outs * width + i];
      }
      y[place] = (float) sum;
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "3, 7",
    "4, 16",
    "5, 33",
    "8, 64",
    "9, 50",
    "130, 512",
    "641, 96",
    "12, 1408"
  })
  void equalsTheSumOfProductsWhateverTheSizes(int outs, int width) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Generators.seed(7);
      var x = Torch.randn(DType.FLOAT32, Device.CPU, MOST + 1, width);
      var weight = Torch.randn(DType.FLOAT32, Device.CPU, outs, width);
      float[] expected =
          product(x.toFloatArray(), weight.toFloatArray(), MOST + 1, outs, width); // [rows, outs]
      for (int rows = 0; rows <= MOST + 1; rows++) {
        float[] y = Nn.linear(x.narrow(0, 0, rows), weight, null).toFloatArray();
        assertArrayEquals(Arrays.copyOf(expected, rows * outs), y, 2e-4f, rows + " rows");
      }
    }
  }

  /** One head of one query, [D]. */
  private static double[] mixed(float[] q, float[] k, float[] v, int first, int end, int width) {
    var weights = new double[end];
    double total = 0;
    for (int i = first; i < end; i++) {
      double dot = 0;
      for (int d = 0; d < width; d++) dot += (double) q[d] * k[i * width + d];
      weights[i] = Math.exp(dot / Math.sqrt(width));
      total += weights[i];
    }
    var out = new double[width];
    for (int i = first; i < end; i++) {
      for (int d = 0; d < width; d++) out[d] += weights[i] / total * v[i * width + d];
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 3",
    "1, 4, 2, 5",
    "2, 6, 2, 8",
    "3, 9, 1, 16",
    "4, 8, 8, 20",
    "1, 8, 2, 64",
    "5, 8, 2, 64",
    "1, 14, 2, 72",
    "2, 5, 1, 33"
  })
  void attentionIsTheWeightedMean(int queries, int heads, int kvHeads, int width) {
    int batch = 3;
    int keys = 37;
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Generators.seed(11);
      // Of a larger tensor each, as a cache gives them.
      var q = Torch.randn(DType.FLOAT32, Device.CPU, batch, queries, heads, width);
      var k = Torch.randn(DType.FLOAT32, Device.CPU, batch, 50, kvHeads, width).narrow(1, 0, keys);
      var v = Torch.randn(DType.FLOAT32, Device.CPU, batch, 50, kvHeads, width).narrow(1, 0, keys);
      var first = Torch.randint(0, keys - queries + 1, Device.CPU, batch, queries); // [B, Tq]
      for (var firstKey : new Tensor[] {null, first}) {
        var out = Nn.attention(q, k, v, firstKey);
        for (int b = 0; b < batch; b++) {
          for (int t = 0; t < queries; t++) {
            long from = firstKey == null ? 0 : first.toLongArray()[b * queries + t];
            for (int h = 0; h < heads; h++) {
              int kv = h / (heads / kvHeads);
              var expected =
                  mixed(
                      q.select(0, b).select(0, t).select(0, h).toFloatArray(),
                      k.select(0, b).select(1, kv).contiguous().toFloatArray(),
                      v.select(0, b).select(1, kv).contiguous().toFloatArray(),
                      (int) from,
                      keys - queries + t + 1,
                      width);
              var head = out.select(0, b).select(0, t).select(0, h).toFloatArray();
              for (int d = 0; d < width; d++)
                assertEquals(expected[d], head[d], 1e-5, b + "," + t + "," + h);
            }
          }
        }
      }
    }
  }

  @Test
  void appendingToACacheLeavesTheOtherRowsAlone() {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var cache = Torch.zeros(DType.FLOAT32, Device.CPU, 3, 4, 1, 2);
      var view = Nn.cacheAppend(cache, Torch.ones(DType.FLOAT32, Device.CPU, 2, 1, 1, 2), 1);
      assertArrayEquals(new long[] {2, 2, 1, 2}, view.shape());
      assertArrayEquals(
          new float[] {0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
          cache.toFloatArray());
      var wide = Torch.ones(DType.FLOAT32, Device.CPU, 3, 2, 1, 2);
      assertThrows(TorchException.class, () -> Nn.cacheAppend(cache, wide, 3));
    }
  }
}
