package org.panamind.host.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.stage.ConfigException;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class FaultsTest {
  private static final Ranks ALONE = new OneRank();

  @Test
  void strikesInItsStepAndOnItsRankOnly() {
    var faults = Faults.of("nan@step=7;inf@step=8,rank=0;kill@step=9,rank=1", ALONE);
    assertEquals(
        List.of(
            new Faults.Planned(Faults.Kind.NAN, 7, 0), new Faults.Planned(Faults.Kind.INF, 8, 0)),
        faults.planned());
    try (var scope = TensorScope.open()) {
      var loss = StepLoss.of(Tensor.scalar(2), 1, 1);
      assertSame(loss, faults.spoil(loss, 6));
      assertTrue(Double.isNaN(faults.spoil(loss, 7).sum().item()));
      assertEquals(Double.POSITIVE_INFINITY, faults.spoil(loss, 8).sum().item());
    }
  }

  @Test
  void keepsGradientsApartFromAStepOn() {
    var faults = Faults.of("no_reduce@step=3", ALONE);
    assertFalse(faults.reductionIsOff(2));
    assertTrue(faults.reductionIsOff(3) && faults.reductionIsOff(4));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    for (var text : List.of("nan", "nan@step=", "burn@step=1", "nan@step=1,rank=")) {
      var refused = assertThrows(ConfigException.class, () -> Faults.of(text, ALONE));
      assertTrue(refused.getMessage().startsWith("--fault is "), refused.getMessage());
    }
  }
}
