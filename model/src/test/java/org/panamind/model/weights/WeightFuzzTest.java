package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files end in tensors or in a {@link WeightException}, never in anything else. */
class WeightFuzzTest {
  private static final int CASES = Integer.getInteger("panamind.fuzz.cases", 4000);
  private static final long SEED = Long.getLong("panamind.fuzz.seed", 20_261_121);

  /** Bytes on which lengths, opcodes and JSON turn. */
  private static final byte[] EDGES =
      Fixtures.latin("\0\1\2\4\10\177\u0080\u0081\u00ff\u00fe\"{}[],:-.tRQbsueqhjr(K)cX\u008a09");

  @TempDir Path folder;

  @Test
  void anyDamageToASafetensorsFileIsAWeightException() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Fixtures.tensors(1), Map.of("note", "x"));
    byte[] whole = Fixtures.read(file);
    fuzz(whole, 0, 1400, "fuzzed.safetensors", CASES);
  }

  @Test
  void anyDamageToAZipIsAWeightException() throws IOException {
    byte[] whole = Fixtures.read(Fixtures.resource("weights/kinds.pth"));
    fuzz(whole, 0, whole.length, "fuzzed.pth", CASES);
    // The directory: a few hundred bytes that a uniform choice would seldom meet.
    fuzz(whole, whole.length - 1800, whole.length, "fuzzed.pth", CASES / 2);
  }

  /** The pickle is damaged inside an intact zip, else its checksum would end every case. */
  @Test
  void anyDamageToAPickleIsAWeightException() throws IOException {
    for (String name : new String[] {"kinds.pth", "kinds_protocol4.pth", "resume.pth"}) {
      Path source = Fixtures.resource("weights/" + name);
      byte[] whole = Fixtures.read(source);
      try (Arena arena = Arena.ofConfined()) {
        ZipArchive zip = new ZipArchive(source, WeightFile.map(source, arena));
        ZipArchive.Entry pickle = zip.entries().get(name.replace(".pth", "/data.pkl"));
        int from = (int) pickle.dataOffset();
        forgetChecksum(whole, pickle.crc());
        fuzz(whole, from, from + (int) pickle.size(), "fuzzed.pth", CASES);
      }
    }
  }

  /** Zeroes the pickle's checksum in the directory: 0 means not recorded. */
  private static void forgetChecksum(byte[] whole, long crc) {
    for (int i = whole.length - 46; i >= 0; i--) {
      boolean here = true;
      for (int b = 0; b < 4; b++) {
        here &= whole[i + b] == (byte) (crc >> 8 * b);
      }
      if (here) {
        Arrays.fill(whole, i, i + 4, (byte) 0);
        return;
      }
    }
    fail("the directory does not hold the checksum");
  }

  private void fuzz(byte[] whole, int from, int to, String name, int cases) throws IOException {
    Random random = new Random(SEED);
    Path file = folder.resolve(name);
    int refused = 0;
    for (int n = 0; n < cases; n++) {
      byte[] bad = whole.clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        bad = mutate(bad, from, Math.min(to, bad.length), random);
      }
      Files.write(file, bad);
      try (WeightFile read = Weights.open(file)) {
        Fixtures.touch(read);
      } catch (WeightException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        String again =
            "repeat with -Dpanamind.fuzz.seed=%d -Dpanamind.fuzz.cases=%d, case %d of %s";
        throw new AssertionError(again.formatted(SEED, cases, n, name), e);
      }
    }
    assertTrue(refused > cases / 3, refused + " of " + cases + " refused, is anything damaged?");
  }

  private static byte[] mutate(byte[] bytes, int from, int to, Random random) {
    if (to - from < 16) {
      return bytes;
    }
    int at = from + random.nextInt(to - from);
    int count = Math.min(1 + random.nextInt(8), to - at);
    switch (random.nextInt(6)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = EDGES[random.nextInt(EDGES.length)];
      case 2 -> Arrays.fill(bytes, at, at + count, EDGES[random.nextInt(EDGES.length)]);
      case 3 -> {
        int source = from + random.nextInt(to - from - count + 1);
        System.arraycopy(bytes.clone(), source, bytes, at, count);
      }
      case 4 -> {
        return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, at) : bytes;
      }
      default -> {
        // Cuts a piece out; the rest moves up and the file keeps its length.
        System.arraycopy(bytes, at + count, bytes, at, to - at - count);
      }
    }
    return bytes;
  }
}
