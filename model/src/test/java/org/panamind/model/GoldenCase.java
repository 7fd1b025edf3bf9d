package org.panamind.model;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.panamind.model.hub.HubConfig;
import org.panamind.torch.Device;
import org.panamind.torch.Tensor;

/** What MiniMind's own code computes on a tiny seeded model, under {@code resources/golden}. */
public final class GoldenCase {
  private final Path folder;
  private final JsonNode expected;

  /**
   * Opens a case.
   *
   * @param name for example {@code minimind2/model_dense}
   */
  public GoldenCase(String name) {
    try {
      folder = Path.of(GoldenCase.class.getResource("/golden/" + name).toURI());
      expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path file(String name) {
    return folder.resolve(name);
  }

  /** The part of {@code expected.json} under a key. */
  public JsonNode at(String key) {
    return expected.get(key);
  }

  public boolean has(String key) {
    return expected.has(key);
  }

  public ModelConfig config() {
    return HubConfig.read(at("config"), file("expected.json").toString());
  }

  /** The model with the case's first weights. */
  public Decoder decoder() {
    return DecoderFiles.readAs(file("init.safetensors"), config(), Device.CPU);
  }

  /** [B, T] int64. */
  public Tensor ids(String key) {
    return ids(at(key));
  }

  public static Tensor ids(JsonNode rows) {
    var values = new long[rows.size() * rows.get(0).size()];
    int i = 0;
    for (var row : rows) {
      for (var id : row) values[i++] = id.longValue();
    }
    return Tensor.of(values, rows.size(), rows.get(0).size());
  }

  /** All numbers under a node, row-major. */
  public static float[] floats(JsonNode node) {
    var values = new float[count(node)];
    fill(node, values, 0);
    return values;
  }

  private static int count(JsonNode node) {
    return node.isArray() ? node.size() * count(node.get(0)) : 1;
  }

  private static int fill(JsonNode node, float[] values, int from) {
    if (!node.isArray()) {
      values[from] = node.floatValue();
      return from + 1;
    }
    int next = from;
    for (var element : node) next = fill(element, values, next);
    return next;
  }

  /** Norm and sum of each gradient by parameter name; the tied head is the embedding. */
  public Map<String, JsonNode> gradients() {
    return new ObjectMapper()
        .convertValue(at("grad_norm_and_sum"), new TypeReference<Map<String, JsonNode>>() {});
  }
}
