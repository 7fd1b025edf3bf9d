package org.panamind.stage.golden;

/**
 * One comparison of a golden case.
 *
 * @param what was compared
 * @param error largest difference found; NaN never holds
 * @param tolerance largest difference allowed
 */
public record Deviation(String what, double error, double tolerance) {
  /** Whether the difference is allowed. */
  public boolean holds() {
    return error <= tolerance;
  }
}
