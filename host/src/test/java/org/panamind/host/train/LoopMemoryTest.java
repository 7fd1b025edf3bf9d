package org.panamind.host.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.stage.train.Compat;
import org.panamind.torch.Device;
import org.panamind.torch.Memory;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class LoopMemoryTest {
  /** One set of this model's weights leaked a step would be 40 MiB in 2,000 steps. */
  private static final long TOLERANCE_KIB = 16 << 10;

  /** The system's allocator may give a block somewhat larger; a tensor leaked a step is 60 KiB. */
  private static final double BLOCK_ROUNDING = 1024;

  private record Held(long tensors, long bytes, long residentKib) {
    static Held now() {
      return new Held(Tensor.liveCount(), Memory.of(Device.CPU).inUse(), ofProcess());
    }

    private static long ofProcess() {
      try {
        String line =
            Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(each -> each.startsWith("VmRSS"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * The same batch three thousand times, in a process whose Java heap is all there from the start.
   */
  static final class Probe {
    /** Prints what is held after steps 10, 1,000 and 3,000. */
    public static void main(String[] args) {
      var held = new ArrayList<Held>();
      try (var run = new DecoderRun(0.1, DecoderRun.ragged(2, 2))) {
        var options = LoopRuns.options(3000, 1, 3000, Compat.NONE);
        LoopRuns.train(run, options, new LossScale(false), loop -> held.add(Held.now()));
      }
      for (int step : new int[] {10, 1000, 3000}) {
        Held then = held.get(step - 1);
        System.out.println(then.tensors + " " + then.bytes + " " + then.residentKib);
      }
    }
  }

  @Test
  void holdsAsMuchAfterTenStepsAsAfterAThousand() throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var process =
        new ProcessBuilder(
                java,
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Probe.class.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    List<Held> held = printed.lines().map(LoopMemoryTest::parse).toList();
    for (Held later : held.subList(1, 3)) {
      assertEquals(held.get(0).tensors, later.tensors);
      assertEquals(held.get(0).bytes, later.bytes, BLOCK_ROUNDING);
    }
    // The first thousand steps load and compile classes and fill the allocators' own pools.
    long grown = held.get(2).residentKib - held.get(1).residentKib;
    assertTrue(grown < TOLERANCE_KIB, "grew by " + grown + " KiB");
  }

  private static Held parse(String line) {
    String[] numbers = line.split(" ");
    return new Held(
        Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
  }

  @Test
  void leavesNothingBehindWhenALossThrowsInTheMiddle() {
    long tensors = Tensor.liveCount();
    long bytes = Memory.of(Device.CPU).inUse();
    try (var run = new DecoderRun(0.1, DecoderRun.ragged(40, 2));
        var scope = TensorScope.open()) {
      var seen = new ArrayList<Object>();
      run.change(
          loss -> {
            seen.add(loss);
            if (seen.size() < 7) return loss;
            loss.sum().mul(2).add(1);
            throw new IllegalStateException("in the middle");
          });
      var thrown =
          assertThrows(
              IllegalStateException.class,
              () -> LoopRuns.train(run, LoopRuns.options(1, 4, null, Compat.NONE)));
      assertEquals("in the middle", thrown.getMessage());
      assertEquals(0, scope.size());
    }
    assertEquals(tensors, Tensor.liveCount());
    assertEquals(bytes, Memory.of(Device.CPU).inUse());
  }
}
