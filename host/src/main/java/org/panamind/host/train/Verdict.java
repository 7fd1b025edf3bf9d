package org.panamind.host.train;

/** What became of an update. */
enum Verdict {
  /** The weights moved. */
  TAKEN,
  /** The loss or a gradient is no number: the weights stay. */
  NOT_FINITE,
  /** The loss or the gradient's norm stands out from those before: the weights stay. */
  SPIKE
}
