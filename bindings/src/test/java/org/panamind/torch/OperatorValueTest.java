package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators against values worked out by hand. */
@ExtendWith(ScopePerTest.class)
class OperatorValueTest {
  /** An operator on x = [[1, -2, 3], [0.5, 4, -1]] and y = [2, 1, -4]. */
  private record Case(
      String name, Function<Tensor[], Tensor> operator, long[] shape, double... expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case on(
      String name, Function<Tensor[], Tensor> operator, long[] shape, double... expected) {
    return new Case(name, operator, shape, expected);
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static Tensor sorted(Tensor row) {
    return row.sort(0, false)[0];
  }

  private static final double E = Math.E;

  static Stream<Case> pointwise() {
    var m = shape(2, 3);
    return Stream.of(
        on("add", t -> t[0].add(t[1]), m, 3, -1, -1, 2.5, 5, -5),
        on("add alpha", t -> t[0].add(t[1], 2), m, 5, 0, -5, 4.5, 6, -9),
        on("sub", t -> t[0].sub(t[1]), m, -1, -3, 7, -1.5, 3, 3),
        on("rsub", t -> t[0].rsub(1), m, 0, 3, -2, 0.5, -3, 2),
        on("mul", t -> t[0].mul(t[1]), m, 2, -2, -12, 1, 4, 4),
        on("div", t -> t[0].div(t[1]), m, 0.5, -2, -0.75, 0.25, 4, 0.25),
        on("floorDivide", t -> t[0].floorDivide(t[1]), m, 0, -2, -1, 0, 4, 0),
        on("floorDivide number", t -> t[0].floorDivide(2), m, 0, -1, 1, 0, 2, -1),
        on("remainder", t -> t[0].remainder(t[1]), m, 1, 0, -1, 0.5, 0, -1),
        on("remainder number", t -> t[0].remainder(3), m, 1, 1, 0, 0.5, 1, 2),
        on("pow", t -> t[0].pow(2), m, 1, 4, 9, 0.25, 16, 1),
        on("neg", t -> t[0].neg(), m, -1, 2, -3, -0.5, -4, 1),
        on("abs", t -> t[0].abs(), m, 1, 2, 3, 0.5, 4, 1),
        on("sign", t -> t[0].sign(), m, 1, -1, 1, 1, 1, -1),
        on("exp", t -> t[0].exp(), m, E, 1 / E / E, E * E * E, Math.sqrt(E), Math.exp(4), 1 / E),
        on("relu", t -> t[0].relu(), m, 1, 0, 3, 0.5, 4, 0),
        on("floor", t -> t[0].floor(), m, 1, -2, 3, 0, 4, -1),
        on("ceil", t -> t[0].sub(0.25).ceil(), m, 1, -2, 3, 1, 4, -1),
        on("round", t -> t[0].add(0.5).round(), m, 2, -2, 4, 1, 4, 0),
        on("trunc", t -> t[0].mul(0.6).trunc(), m, 0, -1, 1, 0, 2, 0),
        on("clamp", t -> t[0].clamp(-1, 2), m, 1, -1, 2, 0.5, 2, -1),
        on("clampMin", t -> t[0].clampMin(0.75), m, 1, 0.75, 3, 0.75, 4, 0.75),
        on("clampMax", t -> t[0].clampMax(0.75), m, 0.75, -2, 0.75, 0.5, 0.75, -1),
        on("maximum", t -> t[0].maximum(t[1]), m, 2, 1, 3, 2, 4, -1),
        on("minimum", t -> t[0].minimum(t[1]), m, 1, -2, -4, 0.5, 1, -4),
        on(
            "nanToNum",
            t -> t[0].log().nanToNum(7),
            shape(2, 3),
            0,
            7,
            Math.log(3),
            -Math.log(2),
            Math.log(4),
            7));
  }

  static Stream<Case> reductions() {
    return Stream.of(
        on("sum", t -> t[0].sum(), shape(), 5.5),
        on("sum axis", t -> t[0].sum(0, false), shape(3), 1.5, 2, 2),
        on("mean", t -> t[0].mean(1, true), shape(2, 1), 2 / 3.0, 3.5 / 3),
        on("prod", t -> t[1].prod(), shape(), -8),
        on("var", t -> t[1].var(0, false, false), shape(), 62 / 9.0),
        on("std", t -> t[1].std(), shape(), Math.sqrt(31 / 3.0)),
        on("norm", t -> t[1].norm(), shape(), Math.sqrt(21)),
        on(
            "norm axis",
            t -> t[0].norm(0, true),
            shape(1, 3),
            Math.sqrt(1.25),
            Math.sqrt(20),
            Math.sqrt(10)),
        on("max", t -> t[0].max(), shape(), 4),
        on("min", t -> t[0].min(), shape(), -2),
        on("amax", t -> t[0].amax(1, false), shape(2), 3, 4),
        on("amin", t -> t[0].amin(0, true), shape(1, 3), 0.5, -2, -1),
        on("argmax", t -> t[0].argmax(1, false), shape(2), 2, 1),
        on("argmin", t -> t[0].argmin(0, true), shape(1, 3), 1, 0, 1),
        on("cumsum", t -> t[1].cumsum(0), shape(3), 2, 3, -1),
        on("searchSorted", t -> sorted(t[1]).searchSorted(t[1], false), shape(3), 2, 1, 0),
        on("searchSorted right", t -> sorted(t[1]).searchSorted(t[1], true), shape(3), 3, 2, 1),
        on("cumprod", t -> t[1].cumprod(0), shape(3), 2, 2, -8),
        on("logsumexp", t -> t[1].mul(0).logsumexp(0, false), shape(), Math.log(3)),
        on("softmax", t -> t[1].mul(0).softmax(0), shape(3), 1 / 3.0, 1 / 3.0, 1 / 3.0),
        on("countNonzero", t -> t[0].relu().countNonzero(), shape(), 4),
        on("bincount", t -> Tensor.of(new long[] {1, 3, 1}).bincount(), shape(4), 0, 2, 0, 1),
        on("argsort", t -> t[1].argsort(0, true), shape(3), 0, 1, 2),
        on("topk values", t -> t[0].topk(2, 1)[0], shape(2, 2), 3, 1, 4, 0.5),
        on("topk places", t -> t[0].topk(2, 1)[1], shape(2, 2), 2, 0, 1, 0),
        on("sort", t -> t[1].sort(0, false)[0], shape(3), -4, 1, 2),
        on("maxWithIndex", t -> t[0].maxWithIndex(0, false)[1], shape(3), 0, 1, 0),
        on("all", t -> t[0].gt(-3).all().to(DType.INT64), shape(), 1),
        on("any axis", t -> t[0].gt(3.5).any(0, false).to(DType.INT64), shape(3), 0, 1, 0),
        on("all axis", t -> t[0].gt(0).all(1, false).to(DType.INT64), shape(2), 0, 0));
  }

  static Stream<Case> places() {
    return Stream.of(
        on("t", t -> t[0].t(), shape(3, 2), 1, 0.5, -2, 4, 3, -1),
        on("pad", t -> t[1].pad(9, 1, 2), shape(6), 9, 2, 1, -4, 9, 9),
        on("roll", t -> t[1].roll(1, 0), shape(3), -4, 2, 1),
        on("flip", t -> t[1].flip(0), shape(3), -4, 1, 2),
        on("tril", t -> t[0].tril(0), shape(2, 3), 1, 0, 0, 0.5, 4, 0),
        on("triu", t -> t[0].triu(1), shape(2, 3), 0, -2, 3, 0, 0, -1),
        on("diagonal", t -> t[0].diagonal(), shape(2), 1, 4),
        on("repeat", t -> t[1].repeat(2, 1), shape(2, 3), 2, 1, -4, 2, 1, -4),
        on("repeatInterleave", t -> t[1].repeatInterleave(2, 0), shape(6), 2, 2, 1, 1, -4, -4),
        on("nonzero", t -> t[0].relu().nonzero(), shape(4, 2), 0, 0, 0, 2, 1, 0, 1, 1),
        on("eye", t -> Torch.eye(2, DType.FLOAT64, Device.CPU), shape(2, 2), 1, 0, 0, 1),
        on("arange", t -> Torch.arange(2, 5, Device.CPU), shape(3), 2, 3, 4),
        on(
            "arange step",
            t -> Torch.arange(0, 1, 0.25, DType.FLOAT32, Device.CPU),
            shape(4),
            0,
            0.25,
            0.5,
            0.75),
        on("full", t -> Torch.full(3, DType.INT32, Device.CPU, 2, 1), shape(2, 1), 3, 3),
        on("matmul", t -> t[0].matmul(t[1]), shape(2), -12, 9),
        on("outer", t -> t[1].outer(t[1]), shape(3, 3), 4, 2, -8, 2, 1, -4, -8, -4, 16),
        on("dot", t -> t[1].dot(t[1]), shape(), 21),
        on("linear", t -> Nn.linear(t[1], t[0], null), shape(2), -12, 9));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"pointwise", "reductions", "places"})
  void valueIsTheOneWorkedOut(Case checked) {
    var x = Tensor.of(new double[] {1, -2, 3, 0.5, 4, -1}, 2, 3);
    var y = Tensor.of(new double[] {2, 1, -4});
    var result = checked.operator.apply(new Tensor[] {x, y});
    assertArrayEquals(checked.shape, result.shape());
    assertArrayEquals(checked.expected, result.toDoubleArray(), 1e-12);
  }

  @Test
  void inPlaceOperatorsChangeTheTensorItself() {
    var x = Tensor.of(new float[] {1, 2, 3});
    assertTrue(x.add_(x).sub_(Torch.ones(3)).mul_(2).div_(Tensor.scalar(2)) == x);
    assertArrayEquals(new float[] {1, 3, 5}, x.toFloatArray());
    x.add_(1).add_(Torch.ones(3), 2).mul_(Torch.ones(3)).div_(2).clamp_(2.5, 3.5);
    assertArrayEquals(new float[] {2.5f, 3, 3.5f}, x.toFloatArray());
    x.maskedFill_(x.gt(3), 0).lerp_(Torch.ones(3), 0.5);
    assertArrayEquals(new float[] {1.75f, 2, 0.5f}, x.toFloatArray());
    var places = Tensor.of(new long[] {2, 0});
    x.zero_().indexAdd_(0, places, Torch.ones(2)).scatterAdd_(0, places, Torch.ones(2));
    assertArrayEquals(new float[] {2, 0, 2}, x.toFloatArray());
    x.fill_(7).indexFill_(0, Tensor.of(new long[] {1}), 4).scatter_(0, places, 3);
    assertArrayEquals(new float[] {3, 4, 3}, x.toFloatArray());
    x.indexCopy_(0, places, Tensor.of(new float[] {8, 9})).copy_(x.neg());
    assertArrayEquals(new float[] {-9, -4, -8}, x.toFloatArray());
  }

  @Test
  void comparisonsGiveBools() {
    var x = Tensor.of(new float[] {1, 2, 3});
    var y = Tensor.of(new float[] {2, 2, 2});
    assertBools(x.eq(y), false, true, false);
    assertBools(x.eq(3), false, false, true);
    assertBools(x.ne(y), true, false, true);
    assertBools(x.ne(1), false, true, true);
    assertBools(x.lt(y), true, false, false);
    assertBools(x.lt(3), true, true, false);
    assertBools(x.le(y), true, true, false);
    assertBools(x.le(1), true, false, false);
    assertBools(x.gt(y), false, false, true);
    assertBools(x.gt(1), false, true, true);
    assertBools(x.ge(y), false, true, true);
    assertBools(x.ge(3), false, false, true);
    assertBools(x.gt(1).and(x.lt(3)), false, true, false);
    assertBools(x.gt(2).or(x.lt(2)), true, false, true);
    assertBools(x.gt(2).not(), true, true, false);
    var odd = Tensor.of(new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 0});
    assertBools(odd.isNan(), true, false, false);
    assertBools(odd.isInf(), false, true, false);
    assertBools(odd.isFinite(), false, false, true);
  }

  private static void assertBools(Tensor actual, boolean... expected) {
    assertEquals(DType.BOOL, actual.dtype());
    long[] places = new long[expected.length];
    for (int i = 0; i < places.length; i++) places[i] = expected[i] ? 1 : 0;
    assertArrayEquals(places, actual.toLongArray());
  }

  @Test
  void wholeTensorsAreCompared() {
    var x = Tensor.of(new float[] {1, 2});
    assertTrue(x.equalTo(x.copy()));
    assertFalse(x.equalTo(x.add(1e-6)));
    assertTrue(x.allClose(x.add(1e-6), 1e-5, 0));
    assertFalse(x.allClose(x.add(0.1), 1e-5, 1e-5));
  }

  @Test
  void droppingOutKeepsTheMean() {
    Generators.seed(3);
    var dropped = Nn.dropout(Torch.ones(10_000), 0.25, true);
    assertEquals(1, dropped.mean().item(), 0.02);
    double kept = Arrays.stream(dropped.toDoubleArray()).max().orElseThrow();
    assertEquals(1 / 0.75, kept, 1e-6);
  }
}
