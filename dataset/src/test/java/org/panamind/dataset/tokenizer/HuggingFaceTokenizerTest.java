package org.panamind.dataset.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.bpe.BpeTrainer;

class HuggingFaceTokenizerTest {
  private static final String TEXT =
      "The cat sat. The cats sit. 天地人, 天地 and the theatre's other themes; 一只小猫 im_start end ";

  /** Change it to try others: mvn -pl dataset test -Dpanamind.seed=7. */
  private static final long SEED = Long.getLong("panamind.seed", 42);

  @TempDir static Path folder;
  private static HuggingFaceTokenizer tokenizer;

  @BeforeAll
  static void load() {
    List<String> documents = IntStream.range(0, 30).mapToObj(i -> TEXT.substring(i)).toList();
    BpeTrainer.ofSize(320).train(documents.iterator()).writeTo(folder);
    tokenizer = HuggingFaceTokenizer.load(folder);
  }

  @AfterAll
  static void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(40); length > 0; length--) {
      switch (random.nextInt(6)) {
        case 0 -> text.append(TEXT, 0, random.nextInt(TEXT.length()));
        case 1 -> text.append(BpeTrainer.CHATML_TOKENS.get(random.nextInt(3)));
        case 2 -> text.appendCodePoint(random.nextInt(0xD800));
        case 3 -> text.appendCodePoint(0xE000 + random.nextInt(0x2FFFF - 0xE000));
        case 4 -> text.append((char) random.nextInt(128));
        default -> text.append(' ');
      }
    }
    return text.toString();
  }

  @Test
  void decodesWhatItEncodedOnRandomUnicode() {
    Random random = new Random(SEED);
    for (int i = 0; i < 1000; i++) {
      String text = randomText(random);
      String which = "text " + i + " of seed " + SEED + " (-Dpanamind.seed=" + SEED + ")";
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)), which);
      assertEquals(text, tokenizer.decode(tokenizer.encodeOrdinary(text)), which);
    }
  }

  @Test
  void tellsWhetherATextHoldsSpecialTokens() {
    Random random = new Random(SEED);
    for (int i = 0; i < 500; i++) {
      String text = randomText(random);
      boolean differ = !Arrays.equals(tokenizer.encode(text), tokenizer.encodeOrdinary(text));
      assertEquals(differ, tokenizer.holdsSpecialTokens(text), "text " + i + " of seed " + SEED);
    }
  }

  @Test
  void neverMakesControlTokensFromOrdinaryText() {
    Random random = new Random(SEED);
    for (int i = 0; i < 500; i++) {
      int[] ids = tokenizer.encodeOrdinary(randomText(random));
      assertTrue(Arrays.stream(ids).allMatch(id -> id > 2), "text " + i + " of seed " + SEED);
    }
    assertArrayEquals(new int[] {2}, tokenizer.encode("<|im_end|>"));
    assertEquals("<|im_end|>", tokenizer.decode(tokenizer.encodeOrdinary("<|im_end|>"), true));
  }

  @Test
  void encodesOrdinaryTextExactlyAsATokenizerWithoutSpecialTokens(@TempDir Path bare)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode json = mapper.readTree(folder.resolve("tokenizer.json").toFile());
    ((ObjectNode) json).putArray("added_tokens");
    mapper.writeValue(bare.resolve("tokenizer.json").toFile(), json);
    Random random = new Random(SEED);
    try (HuggingFaceTokenizer without = HuggingFaceTokenizer.load(bare)) {
      for (int i = 0; i < 500; i++) {
        String text = randomText(random);
        assertArrayEquals(without.encode(text), tokenizer.encodeOrdinary(text), text);
      }
    }
  }

  @Test
  void keepsIdsOfAddedTokensThatAreNotSpecialAndLieBehindSpecialOnes(@TempDir Path more)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode json = mapper.readTree(folder.resolve("tokenizer.json").toFile());
    var added = ((ObjectNode) json).withArray("added_tokens");
    for (String name : List.of("<|tool|>", "<think>")) {
      ObjectNode token = added.get(0).deepCopy();
      token.put("id", 320 + (name.equals("<think>") ? 1 : 0)).put("content", name);
      token.put("special", !name.equals("<think>"));
      added.add(token);
    }
    mapper.writeValue(more.resolve("tokenizer.json").toFile(), json);
    try (HuggingFaceTokenizer with = HuggingFaceTokenizer.load(more)) {
      assertEquals(322, with.vocabSize());
      assertArrayEquals(new int[] {320, 321}, with.encode("<|tool|><think>"));
      int[] ordinary = with.encodeOrdinary("<|tool|><think>");
      assertEquals(321, ordinary[ordinary.length - 1]);
      assertTrue(Arrays.stream(ordinary).noneMatch(id -> id == 320));
    }
  }

  @Test
  void takesALoneSurrogateAsOneReplacementCharacter() {
    assertEquals("a\uFFFDb天", tokenizer.decode(tokenizer.encode("a\uD83Db天")));
    assertEquals("\uFFFD😀\uFFFD", tokenizer.decode(tokenizer.encode("\uDE00😀\uD83D")));
  }

  @Test
  void leavesOutSpecialTokensOnRequest() {
    int[] ids = tokenizer.encode("<|im_start|>The cat<|im_end|>");
    assertEquals("The cat", tokenizer.decode(ids, true));
    assertEquals("<|im_start|>The cat<|im_end|>", tokenizer.decode(ids));
  }

  @Test
  void neitherCutsNorPadsLongTexts() {
    String text = "The cat sat. ".repeat(5000);
    assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    List<int[]> both = tokenizer.encodeAll(List.of("a", text));
    assertEquals(1, both.get(0).length);
    assertArrayEquals(tokenizer.encode(text), both.get(1));
  }

  @Test
  void streamsTheSameTextThatDecodingGives() {
    Random random = new Random(SEED);
    for (int i = 0; i < 1000; i++) {
      // Random ids too, since a model may put bytes together that are no text.
      int[] ids =
          i % 2 == 0
              ? tokenizer.encode(randomText(random))
              : random.ints(random.nextInt(30), 0, tokenizer.vocabSize() + 3).toArray();
      boolean skip = i % 3 == 0;
      StreamingDecoder bytes = tokenizer.streamingDecoder(skip);
      StreamingDecoder window = new WindowStreamDecoder(some -> tokenizer.decode(some, skip));
      for (StreamingDecoder decoder : List.of(bytes, window)) {
        StringBuilder streamed = new StringBuilder();
        for (int id : ids) {
          streamed.append(decoder.accept(id));
        }
        streamed.append(decoder.finish());
        assertEquals(
            tokenizer.decode(ids, skip), streamed.toString(), "case " + i + ", seed " + SEED);
      }
    }
  }

  @Test
  void holdsBackACharacterUntilItIsWhole() {
    int[] ids = tokenizer.encode("😀!");
    StreamingDecoder decoder = tokenizer.streamingDecoder(false);
    List<String> pieces = new ArrayList<>();
    for (int id : ids) {
      pieces.add(decoder.accept(id));
    }
    assertEquals(List.of("", "", "", "😀", "!"), pieces);
    assertEquals("", decoder.finish());
    decoder.accept(ids[0]);
    assertEquals("\uFFFD", decoder.finish());
    assertEquals("!", decoder.accept(ids[4]));
  }

  @Test
  void servesManyThreadsAtOnce() {
    List<String> texts = new Random(SEED).ints(200, 0, 60).mapToObj(TEXT::substring).toList();
    List<int[]> expected = texts.stream().map(tokenizer::encode).toList();
    IntStream.range(0, 2000)
        .parallel()
        .forEach(
            i -> assertArrayEquals(expected.get(i % 200), tokenizer.encode(texts.get(i % 200))));
    List<int[]> together = tokenizer.encodeAll(texts);
    for (int i = 0; i < 200; i++) {
      assertArrayEquals(expected.get(i), together.get(i));
    }
  }

  @Test
  void refusesToWorkWhenClosed() {
    HuggingFaceTokenizer closed = HuggingFaceTokenizer.load(folder);
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.encode("a"));
    assertThrows(IllegalStateException.class, () -> closed.decode(new int[] {5}));
  }

  @Test
  void hasAFingerprintOfItsFile(@TempDir Path other) {
    BpeTrainer.ofSize(300).train(List.of(TEXT).iterator()).writeTo(other);
    try (HuggingFaceTokenizer same = HuggingFaceTokenizer.load(folder.resolve("tokenizer.json"));
        HuggingFaceTokenizer different = HuggingFaceTokenizer.load(other)) {
      assertEquals(tokenizer.fingerprint(), same.fingerprint());
      assertFalse(tokenizer.fingerprint().equals(different.fingerprint()));
    }
  }

  @Test
  void saysWhatIsWrongWithAFileThatIsNoTokenizer(@TempDir Path bad) throws IOException {
    Path file = bad.resolve("tokenizer.json");
    UncheckedIOException missing =
        assertThrows(UncheckedIOException.class, () -> HuggingFaceTokenizer.load(bad));
    assertTrue(missing.getMessage().contains("tokenizer.json: cannot be read: no such file"));
    for (String content :
        List.of("not json", "{}", "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}")) {
      Files.writeString(file, content);
      DataException error =
          assertThrows(DataException.class, () -> HuggingFaceTokenizer.load(file), content);
      assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
    }
  }

  @Test
  void saysWhichRoleATokenizerLacks(@TempDir Path bare) throws IOException {
    Files.copy(folder.resolve("tokenizer.json"), bare.resolve("tokenizer.json"));
    try (HuggingFaceTokenizer without = HuggingFaceTokenizer.load(bare)) {
      DataException error =
          assertThrows(DataException.class, () -> without.specialTokens().bosId());
      assertTrue(error.getMessage().contains("has no bos_token"), error.getMessage());
    }
    Files.writeString(bare.resolve("tokenizer_config.json"), "{\"eos_token\":\"</s>\"}");
    DataException error = assertThrows(DataException.class, () -> HuggingFaceTokenizer.load(bare));
    assertTrue(error.getMessage().contains("\"</s>\", which is no token"), error.getMessage());
  }
}
