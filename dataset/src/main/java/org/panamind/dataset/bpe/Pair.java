package org.panamind.dataset.bpe;

/** Two neighbouring symbols with the count of their occurrences in the whole text. */
final class Pair {
  final int left;
  final int right;
  long count;

  /** Words that gained this pair since its last candidate was queued, ascending; or null. */
  IntList gained;

  Pair(int left, int right) {
    this.left = left;
    this.right = right;
  }
}
