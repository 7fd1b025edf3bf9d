package org.panamind.host.train;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds updates whose loss or gradient norm stands out from those before: by more than so many
 * standard deviations of the latest {@value #WINDOW} (as OLMo 2 skips them, arXiv:2501.00656,
 * section 3). Judges nothing before it has seen that many.
 *
 * <p>What is no number never enters the window, where it would make every later comparison false. A
 * spike enters as the largest value that would have passed: so it neither hides the next one nor
 * keeps a lasting rise out for good.
 */
final class SpikeGuard {
  static final int WINDOW = 128;

  private final double sigma;
  private final List<Double> losses = new ArrayList<>();
  private final List<Double> norms = new ArrayList<>();

  /**
   * A guard that has seen nothing.
   *
   * @param sigma standard deviations; 0 finds nothing
   */
  SpikeGuard(double sigma) {
    this.sigma = sigma;
  }

  /** Judges an update and remembers it. */
  boolean isSpike(double loss, double gradNorm) {
    if (sigma == 0) return false;
    // Both are remembered, whatever the first one says.
    return remember(losses, loss) | remember(norms, gradNorm);
  }

  private boolean remember(List<Double> window, double value) {
    if (!Double.isFinite(value)) return false;
    double limit = window.size() < WINDOW ? Double.POSITIVE_INFINITY : limit(window);
    if (window.size() == WINDOW) window.remove(0);
    window.add(Math.min(value, limit));
    return value > limit;
  }

  private double limit(List<Double> window) {
    double mean = 0;
    for (double value : window) mean += value / WINDOW;
    double variance = 0;
    for (double value : window) variance += (value - mean) * (value - mean) / WINDOW;
    return mean + sigma * Math.sqrt(variance);
  }

  /** The latest losses, oldest first. */
  List<Double> losses() {
    return List.copyOf(losses);
  }

  /** The latest gradient norms, oldest first. */
  List<Double> norms() {
    return List.copyOf(norms);
  }

  void restore(List<Double> savedLosses, List<Double> savedNorms) {
    losses.clear();
    losses.addAll(savedLosses);
    norms.clear();
    norms.addAll(savedNorms);
  }
}
