package org.panamind.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Opens a weight file of whichever format, and compares it with what a model expects. */
public final class Weights {
  private static final int SHOWN = 4;

  private Weights() {}

  /**
   * Opens a safetensors file or a {@code .pth}, told apart by their first bytes; the name decides
   * only what a file that is neither is measured against.
   *
   * @return the open file; the caller closes it
   * @throws WeightException if there is no such file, it is damaged or holds no tensors by name
   * @throws UncheckedIOException if it cannot be read
   */
  public static WeightFile open(Path file) {
    if (!isPickled(file)) {
      return Safetensors.read(file);
    }
    PthFile pth = PthFile.read(file);
    try {
      return pth.asWeights();
    } catch (RuntimeException e) {
      pth.close();
      throw e;
    }
  }

  /**
   * Demands that a file has exactly the expected names and shapes.
   *
   * @param expected shape by parameter name
   * @throws WeightException naming, in one message, what is missing, unexpected and misshapen
   */
  public static void requireMatch(WeightFile file, Map<String, long[]> expected) {
    Map<String, StoredTensor> actual = file.tensors();
    Set<String> missing = new TreeSet<>(expected.keySet());
    missing.removeAll(actual.keySet());
    Set<String> unexpected = new TreeSet<>(actual.keySet());
    unexpected.removeAll(expected.keySet());
    List<String> misshapen = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          StoredTensor tensor = actual.get(name);
          if (tensor != null && !Arrays.equals(tensor.shape(), shape)) {
            String own = Arrays.toString(tensor.shape());
            misshapen.add(name + " is " + own + ", this model wants " + Arrays.toString(shape));
          }
        });
    List<String> faults = new ArrayList<>();
    report(faults, "misshapen", misshapen);
    report(faults, "missing", missing.stream().map(WeightException::printable).toList());
    report(faults, "unexpected", unexpected.stream().map(WeightException::printable).toList());
    if (!faults.isEmpty()) {
      throw new WeightException(
          file.path(),
          -1,
          "the weights are not this model's: " + String.join("; ", faults),
          "Use the sizes (--hidden_size, --num_hidden_layers, ...) of the run that wrote them.");
    }
  }

  private static void report(List<String> faults, String kind, List<String> found) {
    if (!found.isEmpty()) {
      String shown = String.join("; ", found.subList(0, Math.min(SHOWN, found.size())));
      String rest = found.size() > SHOWN ? "; and " + (found.size() - SHOWN) + " more" : "";
      faults.add(found.size() + " " + kind + " (" + shown + rest + ")");
    }
  }

  private static boolean isPickled(Path file) {
    ByteBuffer start = ByteBuffer.allocate(9);
    // Whatever is wrong with the file itself is for the format's reader to say.
    if (Files.isRegularFile(file)) {
      try (FileChannel channel = FileChannel.open(file)) {
        channel.read(start, 0);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
      }
    }
    if (start.get(8) == '{') {
      return false;
    }
    boolean zip = start.get(0) == 'P' && start.get(1) == 'K';
    boolean oldPickle = (start.get(0) & 0xFF) == 0x80 && start.get(1) == 2;
    String name = file.toString().toLowerCase(Locale.ROOT);
    boolean named = name.endsWith(".pth") || name.endsWith(".pt") || name.endsWith(".bin");
    return zip || oldPickle || named;
  }
}
