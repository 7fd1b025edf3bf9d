package org.panamind.host.train;

/**
 * Scales losses so that float16 gradients neither vanish nor overflow (Micikevicius et al. 2018,
 * arXiv:1710.03740, section 3.2): halved at each overflow, doubled after 2,000 updates without one.
 * Always 1 for other types.
 */
final class LossScale {
  private static final double FIRST = 65536;
  private static final int PATIENCE = 2000;

  private final boolean active;
  private double value;
  private int good;

  LossScale(boolean active) {
    this.active = active;
    this.value = active ? FIRST : 1;
  }

  boolean active() {
    return active;
  }

  double value() {
    return value;
  }

  /**
   * Learns from an update; says whether an overflow is the scale's fault rather than the model's.
   */
  boolean update(boolean finite) {
    if (!active) return false;
    if (finite) {
      if (++good == PATIENCE) {
        value *= 2;
        good = 0;
      }
      return false;
    }
    good = 0;
    if (value <= 1) return false;
    value /= 2;
    return true;
  }

  int good() {
    return good;
  }

  void restore(double savedValue, int savedGood) {
    value = savedValue;
    good = savedGood;
  }
}
