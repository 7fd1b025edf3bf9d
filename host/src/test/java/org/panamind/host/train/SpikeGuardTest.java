package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.host.HostCall;

/** Spikes are found, also after what is no number; ordinary noise is none. */
class SpikeGuardTest {
  private static final double SIGMA = 6;

  private final Random random = new Random(5);
  private final SpikeGuard guard = new SpikeGuard(SIGMA);

  private boolean ordinary() {
    return guard.isSpike(3 + 0.2 * random.nextGaussian(), 1 + 0.1 * random.nextGaussian());
  }

  private int ordinary(int count) {
    int spikes = 0;
    for (int i = 0; i < count; i++) if (ordinary()) spikes++;
    return spikes;
  }

  @Test
  void findsASpikeEachTimeAlsoAfterWhatIsNoNumber() {
    ordinary(SpikeGuard.WINDOW);
    for (int i = 0; i < 100; i++) {
      assertFalse(guard.isSpike(Double.NaN, 1));
      assertFalse(guard.isSpike(3, Double.POSITIVE_INFINITY));
      assertEquals(0, ordinary(20));
      assertTrue(i % 2 == 0 ? guard.isSpike(30, 1) : guard.isSpike(3, 10), "spike " + i);
    }
  }

  @Test
  void takesOrdinaryNoiseForNone() {
    int alarms = ordinary(100_000);
    assertTrue(alarms <= 10, alarms + " of 100,000");
  }

  @Test
  void acceptsALastingRiseWithinAWindow() {
    ordinary(SpikeGuard.WINDOW);
    int refused = 0;
    while (guard.isSpike(3, 10 + 0.1 * random.nextGaussian())) refused++;
    assertTrue(refused > 0 && refused <= SpikeGuard.WINDOW, refused + " refused");
    int later = 0;
    for (int i = 0; i < 1000; i++) {
      if (guard.isSpike(3, 10 + 0.1 * random.nextGaussian())) later++;
    }
    assertTrue(refused + later <= SpikeGuard.WINDOW, refused + " and " + later + " refused");
  }

  @Test
  void judgesNothingBeforeItHasSeenAWindow() {
    for (int i = 1; i < SpikeGuard.WINDOW; i++)
      assertFalse(guard.isSpike(i % 50 == 0 ? 1e6 : 1, 1));
  }

  @Test
  void findsNoneWhenItIsOff() {
    var off = new SpikeGuard(0);
    for (int i = 0; i < 200; i++) assertFalse(off.isSpike(i == 199 ? 1e9 : 1, 1));
  }

  @Test
  void aRunSkipsASpikeThatComesAfterANanAndDoesSoAgainWhenItGoesOn(@TempDir Path folder)
      throws IOException {
    var pretrain = SmallPretrain.in(folder);
    String faults = "nan@step=135;spike@step=145";
    String[] flags = {
      "--epochs", "15", "--spike_sigma", "6", "--save_interval", "140", "--fault", faults
    };
    HostCall run = pretrain.run("spike", flags);
    assertEquals(0, run.code(), run.err());
    assertTrue(run.err().contains("step 145: the loss ("), run.err());
    assertTrue(run.err().contains("above the last 128; the update is skipped"), run.err());
    var rows = pretrain.rows("spike");
    byte[] weights = Files.readAllBytes(pretrain.weights("spike"));
    ResumeTest.delete(pretrain.checkpoints("spike").resolve("step-150"));
    String[] again = {
      "--epochs",
      "15",
      "--spike_sigma",
      "6",
      "--save_interval",
      "140",
      "--fault",
      faults,
      "--from_resume",
      "1"
    };
    HostCall on = pretrain.run("spike", again);
    assertTrue(on.out().contains("step-140, step 140 of 150"), on.out() + on.err());
    assertTrue(on.err().contains("step 145: the loss ("), on.err());
    assertEquals(rows, pretrain.rows("spike"));
    assertArrayEquals(weights, Files.readAllBytes(pretrain.weights("spike")));
  }
}
