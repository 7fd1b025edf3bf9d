package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Random numbers that can be had again. */
@ExtendWith(ScopePerTest.class)
class GeneratorsTest {
  private static Tensor draw() {
    return Torch.cat(
        List.of(
            Torch.rand(DType.FLOAT32, Device.CPU, 5),
            Torch.randn(DType.FLOAT32, Device.CPU, 3),
            Torch.randint(0, 1000, Device.CPU, 4).to(DType.FLOAT32),
            Torch.randperm(6, Device.CPU).to(DType.FLOAT32),
            Torch.multinomial(Torch.ones(9), 2).to(DType.FLOAT32),
            Torch.zeros(4).uniform_(2, 3),
            Torch.zeros(4).normal_(0, 2)),
        0);
  }

  @Test
  void aSeedGivesTheSameNumbersAgain() {
    Generators.seed(42);
    var first = draw();
    var second = draw();
    Generators.seed(42);
    assertTrue(first.equalTo(draw()));
    assertFalse(first.equalTo(second));
    Generators.seed(43);
    assertFalse(first.equalTo(draw()));
  }

  @Test
  void seedsGiveTorchsNumbers() {
    Generators.seed(0);
    // torch.manual_seed(0); torch.rand(3)
    var expected = new float[] {0.49625658988952637f, 0.7682217955589294f, 0.08847743272781372f};
    var drawn = Torch.rand(DType.FLOAT32, Device.CPU, 3).toFloatArray();
    assertTrue(Arrays.equals(expected, drawn), Arrays.toString(drawn));
  }

  @Test
  void aSavedStateGoesOnWhereItWas() {
    Generators.seed(7);
    draw();
    Torch.randn(DType.FLOAT32, Device.CPU, 1); // leaves half of a pair of normal numbers
    var state = Generators.state(Device.CPU);
    assertEquals(DType.UINT8, state.dtype());
    var next = draw();
    Generators.seed(1);
    Generators.restore(Device.CPU, state);
    assertTrue(next.equalTo(draw()));
  }

  @Test
  void aStateThatIsNoneIsRefused() {
    assertThrows(TorchException.class, () -> Generators.restore(Device.CPU, Torch.zeros(3)));
  }

  @Test
  void drawnNumbersAreInTheirRange() {
    Generators.seed(9);
    var uniform = Torch.rand(DType.FLOAT64, Device.CPU, 10_000);
    assertTrue(uniform.min().item() >= 0 && uniform.max().item() < 1);
    assertEquals(0.5, uniform.mean().item(), 0.02);
    var normal = Torch.randn(DType.FLOAT64, Device.CPU, 10_000);
    assertEquals(0, normal.mean().item(), 0.05);
    assertEquals(1, normal.std().item(), 0.05);
    var whole = Torch.randint(-3, 4, Device.CPU, 10_000);
    assertEquals(-3, whole.min().itemLong());
    assertEquals(3, whole.max().itemLong());
    var order = Torch.randperm(100, Device.CPU).toLongArray();
    Arrays.sort(order);
    assertTrue(Arrays.equals(LongStream.range(0, 100).toArray(), order));
  }
}
