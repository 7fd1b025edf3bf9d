package org.panamind.dataset.sentencepiece;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Merges one text's symbols: of all neighbours that make a piece together, those of the highest
 * score first, the leftmost of equals, until none is left.
 */
final class PieceMerges {
  private static final int NONE = -1;
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparingDouble((Candidate c) -> -c.score()).thenComparingInt(Candidate::left);

  /**
   * Two neighbours that can be merged.
   *
   * @param length of both in characters; when either has changed since, it tells
   */
  private record Candidate(int left, int right, float score, int length) {}

  private final String text;
  private final Map<String, Float> scores;
  private final int[] start;
  private final int[] length;
  private final int[] previous;
  private final int[] next;
  private final boolean[] whole;
  private final PriorityQueue<Candidate> candidates = new PriorityQueue<>(BEST_FIRST);

  /**
   * @param scores of the pieces that merging can make
   * @param lengths of the first symbols, in the text's order
   * @param whole which symbols stay as they are
   */
  PieceMerges(String text, Map<String, Float> scores, int[] lengths, boolean[] whole) {
    int count = lengths.length;
    this.text = text;
    this.scores = scores;
    this.length = lengths.clone();
    this.whole = whole;
    start = new int[count];
    previous = new int[count];
    next = new int[count];
    for (int i = 0; i < count; i++) {
      start[i] = i == 0 ? 0 : start[i - 1] + lengths[i - 1];
      previous[i] = i - 1;
      next[i] = i + 1 < count ? i + 1 : NONE;
    }
  }

  /** What is left of the symbols when nothing can be merged any more, in order. */
  List<String> run() {
    for (int i = 1; i < start.length; i++) offer(i - 1, i);
    for (var best = candidates.poll(); best != null; best = candidates.poll()) {
      int left = best.left();
      int right = best.right();
      boolean stale =
          length[left] == 0 || length[right] == 0 || length[left] + length[right] != best.length();
      if (!stale) merge(left, right);
    }
    List<String> symbols = new ArrayList<>();
    for (int i = start.length == 0 ? NONE : 0; i != NONE; i = next[i]) symbols.add(symbol(i));
    return symbols;
  }

  private void merge(int left, int right) {
    length[left] += length[right];
    length[right] = 0;
    next[left] = next[right];
    if (next[left] != NONE) previous[next[left]] = left;
    offer(previous[left], left);
    offer(left, next[left]);
  }

  private void offer(int left, int right) {
    if (left == NONE || right == NONE || whole[left] || whole[right]) return;
    int end = start[right] + length[right];
    Float score = scores.get(text.substring(start[left], end));
    if (score != null) candidates.add(new Candidate(left, right, score, end - start[left]));
  }

  private String symbol(int i) {
    return text.substring(start[i], start[i] + length[i]);
  }
}
