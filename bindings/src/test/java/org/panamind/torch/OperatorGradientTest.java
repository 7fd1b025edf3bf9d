package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of the facade's operators against central differences in float64. */
class OperatorGradientTest {
  private static final double STEP = 1e-6;
  private static final double TOLERANCE = 1e-7;

  /** An operator over inputs of the given shapes, filled with numbers from low to high. */
  private record Case(
      String name, double low, double high, Function<Tensor[], Tensor> operator, long[][] shapes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case any(String name, Function<Tensor[], Tensor> operator, long[]... shapes) {
    return new Case(name, -1.5, 1.5, operator, shapes);
  }

  private static Case positive(String name, Function<Tensor[], Tensor> operator, long[]... shapes) {
    return new Case(name, 0.4, 2, operator, shapes);
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private static final long[] M = shape(2, 3);

  private static Tensor index(long... places) {
    return Tensor.of(places);
  }

  private static Tensor mask(boolean... places) {
    return Tensor.of(places, M);
  }

  static Stream<Case> cases() {
    return Stream.of(pointwise(), reductions(), shapes(), matrices()).flatMap(List::stream);
  }

  private static List<Case> pointwise() {
    return List.of(
        any("add", t -> t[0].add(t[1]), M, M),
        any("add broadcast", t -> t[0].add(t[1]), M, shape(3)),
        any("add alpha", t -> t[0].add(t[1], 2.5), M, M),
        any("add number", t -> t[0].add(3), M),
        any("sub", t -> t[0].sub(t[1]), M, shape(2, 1)),
        any("sub number", t -> t[0].sub(2), M),
        any("rsub", t -> t[0].rsub(2), M),
        any("mul", t -> t[0].mul(t[1]), M, shape(1)),
        any("mul number", t -> t[0].mul(-3), M),
        positive("div", t -> t[0].div(t[1]), M, M),
        any("div number", t -> t[0].div(4), M),
        positive("pow number", t -> t[0].pow(2.5), M),
        positive("pow", t -> t[0].pow(t[1]), M, M),
        any("neg", t -> t[0].neg(), M),
        positive("abs", t -> t[0].neg().abs(), M),
        positive("sqrt", t -> t[0].sqrt(), M),
        positive("rsqrt", t -> t[0].rsqrt(), M),
        any("square", t -> t[0].square(), M),
        positive("reciprocal", t -> t[0].reciprocal(), M),
        any("exp", t -> t[0].exp(), M),
        any("expm1", t -> t[0].expm1(), M),
        positive("log", t -> t[0].log(), M),
        positive("log1p", t -> t[0].log1p(), M),
        positive("log2", t -> t[0].log2(), M),
        any("sin", t -> t[0].sin(), M),
        any("cos", t -> t[0].cos(), M),
        any("tanh", t -> t[0].tanh(), M),
        any("sigmoid", t -> t[0].sigmoid(), M),
        any("logSigmoid", t -> t[0].logSigmoid(), M),
        any("erf", t -> t[0].erf(), M),
        any("relu", t -> t[0].relu(), M),
        any("silu", t -> t[0].silu(), M),
        any("gelu", t -> t[0].gelu(), M),
        any("softplus", t -> t[0].softplus(), M),
        any("clamp", t -> t[0].clamp(-0.7, 0.6), M),
        any("clampMin", t -> t[0].clampMin(-0.2), M),
        any("clampMax", t -> t[0].clampMax(0.2), M),
        any("maximum", t -> t[0].maximum(t[1]), M, M),
        any("minimum", t -> t[0].minimum(t[1]), M, M),
        any("lerp", t -> t[0].lerp(t[1], 0.3), M, M),
        any("addcmul", t -> t[0].addcmul(t[1], t[2], 0.7), M, M, M),
        any("maskedFill", t -> t[0].maskedFill(mask(true, false, false, true, true, false), 2), M),
        any(
            "where",
            t -> Torch.where(mask(true, false, true, false, true, false), t[0], t[1]),
            M,
            M),
        any("copy", t -> t[0].copy(), M),
        any("nanToNum", t -> t[0].nanToNum(0), M),
        positive("remainder", t -> t[0].add(10).remainder(3.1), M));
  }

  private static List<Case> reductions() {
    return List.of(
        any("sum", t -> t[0].sum(), M),
        any("sum axis", t -> t[0].sum(0, false), M),
        any("mean", t -> t[0].mean(), M),
        any("mean axis", t -> t[0].mean(-1, true), M),
        any("prod", t -> t[0].prod(), M),
        any("var", t -> t[0].var(1, false, false), M),
        any("std", t -> t[0].std(), M),
        any("std axis", t -> t[0].std(1, true, true), M),
        any("norm", t -> t[0].norm(), M),
        any("norm axis", t -> t[0].norm(0, true), M),
        any("max", t -> t[0].max(), M),
        any("min", t -> t[0].min(), M),
        any("amax", t -> t[0].amax(1, false), M),
        any("amin", t -> t[0].amin(0, true), M),
        any("cumsum", t -> t[0].cumsum(1), M),
        any("cumprod", t -> t[0].cumprod(1), M),
        any("logsumexp", t -> t[0].logsumexp(1, false), M),
        any("softmax", t -> t[0].softmax(-1), M),
        any("logSoftmax", t -> t[0].logSoftmax(0), M),
        any("topk", t -> t[0].topk(2, 1)[0], M),
        any("sort", t -> t[0].sort(1, true)[0], M),
        any("maxWithIndex", t -> t[0].maxWithIndex(1, false)[0], M));
  }

  private static List<Case> shapes() {
    var c = shape(2, 3, 4);
    return List.of(
        any("reshape", t -> t[0].reshape(3, -1), M),
        any("view", t -> t[0].view(6), M),
        any("flatten", t -> t[0].flatten(1, 2), c),
        any("unflatten", t -> t[0].unflatten(2, 2, 2), c),
        any("unsqueeze squeeze", t -> t[0].unsqueeze(1).squeeze(1), M),
        any("transpose", t -> t[0].transpose(0, 2), c),
        any("permute", t -> t[0].permute(2, 0, 1), c),
        any("t", t -> t[0].t(), M),
        any("expand", t -> t[0].expand(4, 2, -1), shape(2, 1)),
        any("expandAs", t -> t[0].expandAs(t[1].detach()).mul(t[1]), shape(1, 3), M),
        any("repeat", t -> t[0].repeat(2, 2), M),
        any("repeatInterleave", t -> t[0].repeatInterleave(2, 1), M),
        any("narrow", t -> t[0].narrow(1, 1, 2), M),
        any("slice", t -> t[0].slice(2, 1, Long.MAX_VALUE, 2), c),
        any("select", t -> t[0].select(1, -1), c),
        any("indexSelect", t -> t[0].indexSelect(1, index(2, 0, 2)), M),
        any("gather", t -> t[0].gather(1, Tensor.of(new long[] {2, 2, 0, 1}, 2, 2)), M),
        any(
            "scatter",
            t -> t[0].scatter(1, Tensor.of(new long[] {2, 0}, 2, 1), t[1]),
            M,
            shape(2, 1)),
        any("scatter number", t -> t[0].scatter(1, Tensor.of(new long[] {2, 0}, 2, 1), 5.0), M),
        any(
            "scatterAdd",
            t -> t[0].scatterAdd(0, Tensor.of(new long[] {1, 1, 0}, 1, 3), t[1]),
            M,
            shape(1, 3)),
        any("indexAdd", t -> t[0].indexAdd(0, index(1, 1), t[1]), M, M),
        any("maskedSelect", t -> t[0].maskedSelect(mask(true, false, true, true, false, false)), M),
        any("tril", t -> t[0].tril(0), M),
        any("triu", t -> t[0].triu(1), M),
        any("flip", t -> t[0].flip(0, 1), M),
        any("roll", t -> t[0].roll(1, 1), M),
        any("diagonal", t -> t[0].diagonal(), M),
        any("pad", t -> t[0].pad(7, 1, 2), M),
        any("split", t -> t[0].split(2, 1)[0].mul(t[0].split(2, 1)[1]), M),
        any("split sizes", t -> t[0].split(new long[] {1, 2}, 1)[1], M),
        any("chunk", t -> t[0].chunk(3, 1)[2], M),
        any("unbind", t -> t[0].unbind(0)[0].mul(t[0].unbind(0)[1]), M),
        any("cat", t -> Torch.cat(List.of(t[0], t[1]), 1), M, shape(2, 1)),
        any("stack", t -> Torch.stack(List.of(t[0], t[1]), 2), M, M),
        any("get", t -> t[0].get(Ix.at(1), Ix.of(index(2, 2, 0)), Ix.slice(0, -1)), c));
  }

  private static List<Case> matrices() {
    return List.of(
        any("matmul", t -> t[0].matmul(t[1]), M, shape(4, 3, 2)),
        any("mm", t -> t[0].mm(t[1]), M, shape(3, 2)),
        any("bmm", t -> t[0].bmm(t[1]), shape(2, 2, 3), shape(2, 3, 2)),
        any("addmm", t -> t[0].addmm(t[1], t[2]), shape(2, 2), M, shape(3, 2)),
        any("outer", t -> t[0].outer(t[1]), shape(2), shape(3)),
        any("dot", t -> t[0].dot(t[1]), shape(4), shape(4)),
        any("linear", t -> Nn.linear(t[0], t[1], t[2]), M, shape(4, 3), shape(4)),
        any("linear without bias", t -> Nn.linear(t[0], t[1], null), M, shape(4, 3)),
        any("embedding", t -> Nn.embedding(t[0], index(1, 0, 1)), M),
        any("crossEntropy", t -> Nn.crossEntropy(t[0], index(2, -100), -100), M),
        any("crossEntropySum", t -> Nn.crossEntropySum(t[0], index(2, 0), -100), M));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void gradientIsTheDifferenceQuotient(Case checked) {
    var random = new Random(7);
    double[][] values = new double[checked.shapes.length][];
    for (int i = 0; i < values.length; i++) {
      int count = (int) Arrays.stream(checked.shapes[i]).reduce(1, (a, b) -> a * b);
      values[i] = random.doubles(count, checked.low, checked.high).toArray();
    }
    try (var scope = TensorScope.open()) {
      var inputs = inputs(checked, values, true);
      loss(checked, inputs).backward();
      for (int i = 0; i < values.length; i++) {
        double[] gradient = inputs[i].grad().toDoubleArray();
        double[] expected = differences(checked, values, i);
        assertArrayEquals(expected, gradient, TOLERANCE, "input " + i);
        assertTrue(Arrays.stream(expected).anyMatch(v -> Math.abs(v) > 1e-3), "no slope at all");
      }
    }
  }

  private static Tensor[] inputs(Case checked, double[][] values, boolean requiresGrad) {
    var inputs = new Tensor[values.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Tensor.of(values[i], checked.shapes[i]).requiresGrad(requiresGrad);
    }
    return inputs;
  }

  /** The result with a weight for each element, so that no symmetry hides a wrong gradient. */
  private static Tensor loss(Case checked, Tensor[] inputs) {
    var result = checked.operator.apply(inputs).flatten(0, -1);
    var weights = new Random(11).doubles(result.numel(), 0.5, 1.5).toArray();
    return result.mul(Tensor.of(weights)).sum();
  }

  private static double[] differences(Case checked, double[][] values, int input) {
    var expected = new double[values[input].length];
    for (int i = 0; i < expected.length; i++) {
      double at = values[input][i];
      values[input][i] = at + STEP;
      double above = loss(checked, inputs(checked, values, false)).item();
      values[input][i] = at - STEP;
      double below = loss(checked, inputs(checked, values, false)).item();
      values[input][i] = at;
      expected[i] = (above - below) / (2 * STEP);
    }
    return expected;
  }
}
