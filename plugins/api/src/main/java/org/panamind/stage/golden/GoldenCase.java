package org.panamind.stage.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.panamind.model.TensorFiles;
import org.panamind.model.weights.Weights;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/**
 * A folder with {@code expected.json} and weights, as golden sets have them.
 *
 * @param name of the folder
 * @param folder where it lies
 * @param expected the whole of {@code expected.json}
 */
public record GoldenCase(String name, Path folder, JsonNode expected) {
  /** Largest difference between two correct float32 implementations: of logits and losses. */
  public static final double LOGITS = 1e-4;

  /** The same, of gradients' norms, relative. */
  public static final double GRADIENTS = 1e-3;

  /** The same, of everything along a dozen training steps. */
  public static final double TRAJECTORY = 1e-3;

  private static final String EXPECTED = "expected.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether a folder holds a case. */
  public static boolean isCase(Path folder) {
    return Files.isRegularFile(folder.resolve(EXPECTED));
  }

  /** Reads a case. */
  public static GoldenCase read(Path folder) {
    try {
      return new GoldenCase(
          folder.getFileName().toString(),
          folder,
          JSON.readTree(folder.resolve(EXPECTED).toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(folder.resolve(EXPECTED) + ": " + e.getMessage(), e);
    }
  }

  /**
   * A list of equally long lists of integers as [rows, columns] int64, owned by the current scope.
   */
  public static Tensor integers(JsonNode rows) {
    int width = rows.get(0).size();
    var values = new long[rows.size() * width];
    for (int i = 0; i < values.length; i++) values[i] = rows.get(i / width).get(i % width).asLong();
    return Tensor.of(values, rows.size(), width);
  }

  /**
   * Largest absolute difference between a tensor and nested lists of numbers with as many elements,
   * in row-major order.
   *
   * @return infinite when the numbers of elements differ
   */
  public static double difference(Tensor actual, JsonNode wanted) {
    List<Double> numbers = new ArrayList<>();
    flatten(wanted, numbers);
    double[] values = actual.toDoubleArray();
    if (values.length != numbers.size()) return Double.POSITIVE_INFINITY;
    double largest = 0;
    for (int i = 0; i < values.length; i++)
      largest = larger(largest, Math.abs(values[i] - numbers.get(i)));
    return largest;
  }

  private static void flatten(JsonNode node, List<Double> into) {
    if (node.isArray()) {
      node.forEach(child -> flatten(child, into));
    } else {
      into.add(node.asDouble());
    }
  }

  /** The larger one, NaN if either is. */
  public static double larger(double a, double b) {
    return Math.max(a, b);
  }

  /**
   * Compares tensors with {@code {name: [L2 norm, sum]}}.
   *
   * @return largest difference, of the norm relative to it, of the sum relative to norm and root of
   *     the count
   */
  public static double normAndSumDifference(Map<String, Tensor> tensors, JsonNode wanted) {
    if (wanted.size() != tensors.size()) return Double.POSITIVE_INFINITY;
    double largest = 0;
    for (var entry : tensors.entrySet()) {
      try (var scope = TensorScope.open()) {
        JsonNode pair = wanted.get(entry.getKey());
        if (pair == null) return Double.POSITIVE_INFINITY;
        largest = larger(largest, normAndSumDifference(entry.getValue(), pair));
      }
    }
    return largest;
  }

  /** A sum of n numbers of mean square m may err by the root of n times what each may err. */
  private static double normAndSumDifference(Tensor tensor, JsonNode pair) {
    var wide = tensor.detach().to(DType.FLOAT64);
    double norm = pair.get(0).asDouble();
    double scale = Math.max(norm, 1e-6);
    double normError = Math.abs(wide.norm().item() - norm) / scale;
    double sumError =
        Math.abs(wide.sum().item() - pair.get(1).asDouble()) / (scale * Math.sqrt(wide.numel()));
    return larger(normError, sumError);
  }

  /**
   * Reads the weights of a file in the folder as float32 tensors by name, owned by the current
   * scope.
   */
  public Map<String, Tensor> weights(String file) {
    try (var open = Weights.open(folder.resolve(file))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      open.tensors()
          .forEach((name, stored) -> tensors.put(name, TensorFiles.load(stored).to(DType.FLOAT32)));
      return tensors;
    }
  }
}
