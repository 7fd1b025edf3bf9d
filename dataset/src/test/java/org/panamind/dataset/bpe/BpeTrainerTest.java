package org.panamind.dataset.bpe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.DataException;

class BpeTrainerTest {
  /** The text of the fixture; its README tells how the merges came to be. */
  static final long SEED = 20261121;

  static final int LINES = 2500;

  private static final List<String> SPECIAL = BpeTrainer.CHATML_TOKENS;

  private static List<BpeVocabulary.Merge> learn(List<String> documents, int merges, int workers) {
    return new BpeTrainer(259 + merges, SPECIAL, workers).train(documents.iterator()).merges();
  }

  @Test
  void learnsEveryMergeThatHuggingFaceLearnsInItsOrder() throws IOException {
    List<String> expected = fixture();
    List<BpeVocabulary.Merge> merges = learn(MixedText.lines(SEED, LINES), expected.size(), 2);
    assertTrue(expected.size() > 3000, "the fixture is too short to tell: " + expected.size());
    for (int i = 0; i < expected.size(); i++) {
      BpeVocabulary.Merge merge = merges.get(i);
      assertEquals(expected.get(i), merge.left() + " " + merge.right(), "merge " + i);
    }
  }

  private static List<String> fixture() throws IOException {
    try (InputStream in = BpeTrainerTest.class.getResourceAsStream("bpe-merges.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @Test
  void learnsTheSameOnAnyNumberOfThreads() {
    List<String> documents = MixedText.lines(3, 400);
    List<BpeVocabulary.Merge> alone = learn(documents, 500, 1);
    for (int workers : new int[] {2, 3, 8}) {
      assertEquals(alone, learn(documents, 500, workers), workers + " workers");
    }
  }

  @Test
  void givesSpecialTokensTheFirstIdsThenBytesThenWhatItLearned() {
    BpeVocabulary vocabulary = new BpeTrainer(260, SPECIAL, 1).train(List.of("aa aa").iterator());
    assertEquals(SPECIAL, vocabulary.tokens().subList(0, 3));
    assertEquals("!", vocabulary.tokens().get(3));
    assertEquals("aa", vocabulary.tokens().get(259));
    assertEquals(260, vocabulary.tokens().size());
  }

  @Test
  void neverMergesAcrossDocuments() {
    DataException error =
        assertThrows(DataException.class, () -> learn(List.of("a", "b", "a", "b"), 1, 1));
    assertTrue(error.getMessage().contains("gives at most 259 tokens"), error.getMessage());
  }

  @Test
  void saysHowManyTokensATextCanGive() {
    List<String> documents = List.of("hello");
    DataException error = assertThrows(DataException.class, () -> learn(documents, 6000, 1));
    assertTrue(error.getMessage().contains("gives at most 263 tokens"), error.getMessage());
    assertTrue(error.getMessage().contains("--vocab_size 6259 asks for more"), error.getMessage());
    assertEquals(4, learn(documents, 4, 1).size());
  }

  @Test
  void refusesAVocabularyWithoutRoomForTheBytes() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> BpeTrainer.ofSize(258));
    assertTrue(error.getMessage().contains("need at least 259"), error.getMessage());
    assertEquals(259, BpeTrainer.ofSize(259).vocabSize());
  }

  @Test
  void refusesSpecialTokensThatAreTheSame() {
    assertThrows(
        IllegalArgumentException.class, () -> new BpeTrainer(300, List.of("<a>", "<a>"), 1));
  }

  @Test
  void passesOnWhatTheDocumentsThrow() {
    Iterator<String> broken =
        new Iterator<>() {
          private int left = 3;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            if (left-- == 0) {
              throw new DataException("my.jsonl:4: is not JSON");
            }
            return "x".repeat(1 << 16);
          }
        };
    BpeTrainer trainer = new BpeTrainer(300, SPECIAL, 2);
    DataException error = assertThrows(DataException.class, () -> trainer.train(broken));
    assertEquals("my.jsonl:4: is not JSON", error.getMessage());
  }

  @Test
  void cutsTextIntoWordsThatTogetherAreTheText() {
    for (String line : MixedText.lines(5, 300)) {
      StringBuilder together = new StringBuilder();
      WordSplitter.split(line, together::append);
      assertEquals(line, together.toString());
    }
  }
}
