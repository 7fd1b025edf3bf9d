package org.panamind.stage.distill;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.panamind.stage.distill.DistillLoss.Mixture;
import org.panamind.stage.distill.DistillLoss.Speaker;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.Nn;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Value and gradient against automatic differentiation of the whole formula. */
class DistillLossTest {
  private static final int TOKENS = 11;
  private static final int VOCABULARY = 17;
  private static final Mixture MIXTURE = new Mixture(0.3, 2);

  private final TensorScope scope = TensorScope.open();
  private Speaker student;
  private Speaker teacher;
  private Tensor targets;

  @BeforeEach
  void speak() {
    Generators.seed(3);
    student = speaker(6);
    teacher = speaker(10);
    targets = Torch.randint(0, VOCABULARY, Device.CPU, TOKENS);
  }

  private static Speaker speaker(int width) {
    return new Speaker(
        Torch.randn(DType.FLOAT32, Device.CPU, TOKENS, width).requiresGrad(true),
        Torch.randn(DType.FLOAT32, Device.CPU, VOCABULARY, width).requiresGrad(true));
  }

  @AfterEach
  void free() {
    scope.close();
  }

  private Tensor whole() {
    var logits = Nn.linear(student.states(), student.head(), null);
    var taught = Nn.linear(teacher.states(), teacher.head(), null).detach();
    double t = MIXTURE.temperature();
    var soft = logits.div(t).logSoftmax(-1);
    var wanted = taught.div(t).logSoftmax(-1);
    var divergence = wanted.exp().mul(wanted.sub(soft)).sum().mul(t * t);
    var entropy = Nn.crossEntropySum(logits, targets, -100);
    return entropy.mul(MIXTURE.alpha()).add(divergence, 1 - MIXTURE.alpha());
  }

  @Test
  void valueIsThatOfTheWholeFormula() {
    var loss = DistillLoss.of(student, teacher, targets, MIXTURE);
    assertEquals(whole().item(), loss.sum().item(), 1e-3);
    double parts = 0.3 * loss.crossEntropy().item() + 0.7 * loss.divergence().item();
    assertEquals(parts, loss.sum().item(), 1e-3);
  }

  @Test
  void gradientIsThatOfTheWholeFormulaInChunksOfAnySize() {
    whole().mul(0.25).backward();
    float[] states = taken(student.states());
    float[] head = taken(student.head());
    for (long step : new long[] {1, 4, 100}) {
      DistillLoss.of(student, teacher, targets, MIXTURE, step).sum().mul(0.25).backward();
      assertArrayEquals(states, taken(student.states()), 1e-4f);
      assertArrayEquals(head, taken(student.head()), 1e-4f);
    }
  }

  private static float[] taken(Tensor parameter) {
    float[] values = parameter.grad().toFloatArray();
    parameter.grad().zero_();
    return values;
  }

  @Test
  void noDivergenceFromATeacherThatSaysTheSame() {
    var loss = DistillLoss.of(student, student, targets, new Mixture(0, 1.5));
    assertEquals(0, loss.sum().item(), 1e-4);
    loss.sum().backward();
    assertEquals(0, student.states().grad().abs().max().item(), 1e-4);
  }

  @Test
  void hasNoGraphWhereGradientsAreOff() {
    try (var no = NoGrad.enter()) {
      assertFalse(DistillLoss.of(student, teacher, targets, MIXTURE).sum().requiresGrad());
    }
  }
}
