package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The linear layer of decoding, whose product is computed in other ways for few and more rows. */
class FewRowsTest {
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
  @CsvSource({"1, 1", "3, 7", "4, 16", "5, 33", "8, 64", "9, 50", "130, 512", "641, 96"})
  void equalsTheSumOfProductsWhateverTheSizes(int outs, int width) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Generators.seed(7);
      var x = Torch.randn(DType.FLOAT32, Device.CPU, MOST + 1, width);
      var weight = Torch.randn(DType.FLOAT32, Device.CPU, outs, width);
      float[] expected =
          product(x.toFloatArray(), weight.toFloatArray(), MOST + 1, outs, width); // [rows, outs]
      for (int rows = 1; rows <= MOST + 1; rows++) {
        float[] y = Nn.linear(x.narrow(0, 0, rows), weight, null).toFloatArray();
        assertArrayEquals(Arrays.copyOf(expected, rows * outs), y, 2e-4f, rows + " rows");
      }
    }
  }
}
