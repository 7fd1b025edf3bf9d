package org.panamind.model.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.panamind.model.ModelConfigException;

/**
 * Which linear layers get low-rank weights, and how large. Names in messages are the host's flags.
 *
 * @param targets last parts of the layers' names ({@code q_proj}) or whole names; none takes
 *     MiniMind's rule: every layer as wide as it is high, which are {@code q_proj} and {@code
 *     o_proj}
 * @param rank r, at least 1
 * @param alpha the low-rank part is multiplied by alpha / rank; alpha equal to rank leaves it as it
 *     is, which is MiniMind's form
 */
public record LoraConfig(List<String> targets, int rank, double alpha) {
  /** Checks the bounds. */
  public LoraConfig {
    targets = List.copyOf(targets);
    if (rank < 1) throw new ModelConfigException("--lora_rank is " + rank + ", must be above 0");
    if (!(alpha > 0))
      throw new ModelConfigException("--lora_alpha is " + alpha + ", must be above 0");
  }

  /** MiniMind's: square layers, not scaled. */
  public static LoraConfig miniMind(int rank) {
    return new LoraConfig(List.of(), rank, rank);
  }

  /** Factor of the low-rank part. */
  public double scale() {
    return alpha / rank;
  }

  /**
   * The layers that get low-rank weights, in the decoder's order.
   *
   * @param projections shapes [out, in] by module
   * @throws ModelConfigException if a target matches none, or no layer is square
   */
  List<String> chosen(Map<String, long[]> projections) {
    for (var target : targets) {
      if (projections.keySet().stream().noneMatch(name -> matches(name, target))) {
        throw new ModelConfigException(
            "--lora_target %s matches no linear layer; there are %s"
                .formatted(target, lastParts(projections)));
      }
    }
    var chosen = new ArrayList<String>();
    projections.forEach(
        (name, shape) -> {
          boolean square = targets.isEmpty() && shape[0] == shape[1];
          if (square || targets.stream().anyMatch(t -> matches(name, t))) chosen.add(name);
        });
    if (chosen.isEmpty()) {
      throw new ModelConfigException(
          "no linear layer is square; name some with --lora_target, of " + lastParts(projections));
    }
    return chosen;
  }

  private static boolean matches(String name, String target) {
    return name.equals(target) || name.endsWith("." + target);
  }

  private static List<String> lastParts(Map<String, long[]> projections) {
    return projections.keySet().stream()
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .distinct()
        .toList();
  }
}
