package org.panamind.host.bench;

/** One side of a comparison. All calls return seconds. */
interface Contender extends AutoCloseable {
  /** One training step on random ids, clipping and optimizer included. */
  double train(int rows, int length);

  /** Greedy decoding with a cache of keys and values, batch 1. */
  double generate(int prompt, int fresh);

  /** Tokens drawn by temperature for several prompts of one length, none of which ends early. */
  double rollout(int rows, int prompt, int fresh);

  @Override
  void close();
}
