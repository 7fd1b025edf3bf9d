package org.panamind.reward.http;

import java.time.Duration;

/**
 * Sizes and times of requests.
 *
 * @param samples most replies of one request
 * @param connect until a connection must stand
 * @param answer until the whole answer must be there
 * @param attempts requests in all before giving up
 * @param firstPause before the second attempt; doubles each time
 */
record Limits(int samples, Duration connect, Duration answer, int attempts, Duration firstPause) {
  static final Limits USUAL =
      new Limits(32, Duration.ofSeconds(10), Duration.ofMinutes(2), 5, Duration.ofMillis(500));

  /** How long to wait after an attempt, counted from 1. */
  Duration pauseAfter(int attempt) {
    return firstPause.multipliedBy(1L << (attempt - 1));
  }
}
