package org.panamind.dataset.bpe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.panamind.dataset.WellFormedText;

/**
 * How often each word stands in a text. Memory grows with the distinct words (once per worker), not
 * with the text: documents are taken from the iterator by {@link #CHUNK_CHARS} characters at a time
 * and forgotten.
 */
final class WordCounts {
  /** Enough text per turn at the shared iterator that its lock costs nothing. */
  private static final int CHUNK_CHARS = 1 << 16;

  private final Map<String, Count> counts = new HashMap<>();

  /** A count that grows in place, so that a word seen again costs one look-up. */
  private static final class Count {
    long value;
  }

  private WordCounts() {}

  /**
   * Counts the words of all documents on {@code workers} threads.
   *
   * @param documents read by one thread at a time
   */
  static WordCounts of(Iterator<String> documents, int workers) {
    WordCounts[] parts = new WordCounts[workers];
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] threads = new Thread[workers];
    for (int i = 0; i < workers; i++) {
      WordCounts part = parts[i] = new WordCounts();
      Runnable task = () -> part.drain(documents, failure);
      threads[i] = Thread.ofPlatform().daemon().name("bpe-count-" + i).start(task);
    }
    joinAll(threads);
    rethrow(failure.get());
    for (int i = 1; i < workers; i++) {
      parts[0].merge(parts[i]);
    }
    return parts[0];
  }

  private void drain(Iterator<String> documents, AtomicReference<Throwable> failure) {
    try {
      List<String> chunk = new ArrayList<>();
      while (failure.get() == null && takeChunk(documents, chunk)) {
        for (String document : chunk) {
          WordSplitter.split(WellFormedText.of(document), this::increment);
        }
      }
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }

  private static boolean takeChunk(Iterator<String> documents, List<String> chunk) {
    chunk.clear();
    synchronized (documents) {
      for (int chars = 0; chars < CHUNK_CHARS && documents.hasNext(); ) {
        String document = documents.next();
        chars += document.length();
        chunk.add(document);
      }
    }
    return !chunk.isEmpty();
  }

  private static void joinAll(Thread[] threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void rethrow(Throwable failure) {
    switch (failure) {
      case null -> {}
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  private void increment(String word) {
    counts.computeIfAbsent(word, w -> new Count()).value++;
  }

  private void merge(WordCounts other) {
    other.counts.forEach(
        (word, n) -> counts.computeIfAbsent(word, w -> new Count()).value += n.value);
  }

  /** How many distinct words there are. */
  int size() {
    return counts.size();
  }

  /** Takes each word with its count, in no order. */
  interface Visitor {
    void accept(String word, long count);
  }

  /** Hands every word to {@code visitor}, in no order. */
  void forEach(Visitor visitor) {
    counts.forEach((word, count) -> visitor.accept(word, count.value));
  }
}
