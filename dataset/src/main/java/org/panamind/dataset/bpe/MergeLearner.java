package org.panamind.dataset.bpe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.panamind.dataset.tokenizer.ByteAlphabet;

/**
 * Learns merges one after another: the most frequent pair first, among equals the one with the
 * smaller symbols (Sennrich et al. 2016, arXiv:1508.07909), with counts updated only in the words
 * that a merge touches.
 *
 * <p>The order is that of Hugging Face's {@code BpeTrainer}, to the last detail: a candidate keeps
 * the words that had its pair when it was queued, and two different splits of one string share a
 * symbol.
 */
final class MergeLearner implements Words.Changes {
  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<BpeVocabulary.Merge> merges = new ArrayList<>();
  private final PairTable table = new PairTable();
  private final PriorityQueue<Candidate> queue = new PriorityQueue<>();
  private final List<Pair> gaining = new ArrayList<>();
  private final Words words;
  private int word;

  /** A pair with the count it had when queued, and the words to look at. */
  private record Candidate(Pair pair, long count, IntList words) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int order = Long.compare(other.count, count);
      order = order != 0 ? order : Integer.compare(pair.left, other.pair.left);
      return order != 0 ? order : Integer.compare(pair.right, other.pair.right);
    }
  }

  MergeLearner(WordCounts counts, List<String> specialTokens) {
    tokens = new ArrayList<>(specialTokens);
    for (char c : ByteAlphabet.sorted()) {
      tokens.add(String.valueOf(c));
    }
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    int[] symbolOfByte = new int[256];
    for (int b = 0; b < 256; b++) {
      symbolOfByte[b] = ids.get(String.valueOf(ByteAlphabet.charOf(b)));
    }
    words = new Words(counts, symbolOfByte);
    for (word = 0; word < words.size(); word++) {
      words.pairs(word, this);
    }
    queueGaining();
  }

  /** Learns until the vocabulary has {@code vocabSize} tokens or no pair is left. */
  BpeVocabulary learn(int vocabSize, List<String> specialTokens) {
    while (tokens.size() < vocabSize && !queue.isEmpty()) {
      Candidate top = queue.poll();
      if (top.count != top.pair.count) {
        queue.add(new Candidate(top.pair, top.pair.count, top.words));
      } else if (top.count > 0) {
        merge(top);
      } else {
        break;
      }
    }
    return new BpeVocabulary(tokens, merges, specialTokens);
  }

  private void merge(Candidate top) {
    int left = top.pair.left;
    int right = top.pair.right;
    merges.add(new BpeVocabulary.Merge(tokens.get(left), tokens.get(right)));
    int merged = idOf(tokens.get(left) + tokens.get(right));
    for (int i = 0; i < top.words.size(); i++) {
      word = top.words.get(i);
      words.merge(word, left, right, merged, this);
    }
    queueGaining();
  }

  private int idOf(String token) {
    Integer known = ids.putIfAbsent(token, tokens.size());
    if (known != null) {
      return known;
    }
    tokens.add(token);
    return tokens.size() - 1;
  }

  @Override
  public void change(int left, int right, int by) {
    Pair pair = table.at(left, right);
    pair.count += by * words.count(word);
    if (by > 0) {
      if (pair.gained == null) {
        pair.gained = new IntList();
        gaining.add(pair);
      }
      if (pair.gained.size() == 0 || pair.gained.last() != word) {
        pair.gained.add(word);
      }
    }
  }

  private void queueGaining() {
    for (Pair pair : gaining) {
      if (pair.count > 0) {
        queue.add(new Candidate(pair, pair.count, pair.gained));
      }
      pair.gained = null;
    }
    gaining.clear();
  }
}
