package org.panamind.host.train;

/**
 * The learning rate: a linear rise, then MiniMind's cosine from the peak to a tenth of it
 * (Loshchilov and Hutter 2017, arXiv:1608.03983), counted in micro-batches as MiniMind counts.
 *
 * @param peak highest rate
 * @param warmup micro-batches of the rise
 * @param total micro-batches of the run
 */
record Schedule(double peak, long warmup, long total) {
  /** The rate of micro-batch {@code step}, counted from 1; at 0 where the schedule begins. */
  double at(long step) {
    if (step < warmup) return peak * step / warmup;
    double progress = (double) (step - warmup) / Math.max(1, total - warmup);
    return peak * (0.1 + 0.45 * (1 + Math.cos(Math.PI * Math.min(1, progress))));
  }
}
