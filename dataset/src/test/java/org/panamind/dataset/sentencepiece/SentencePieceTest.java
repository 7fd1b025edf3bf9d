package org.panamind.dataset.sentencepiece;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;

/**
 * Against ids that the sentencepiece library 0.1.97 gave for its own models: {@code fallback.model}
 * has byte fallback, user-defined pieces and no dummy prefix, as InternLM2's; {@code plain.model}
 * has none of the first two, and trims spaces.
 */
class SentencePieceTest {
  @TempDir Path folder;

  @Test
  void encodesAsTheLibraryDoes() throws IOException {
    JsonNode models = new ObjectMapper().readTree(resource("cases.json").toFile());
    for (JsonNode model : models) {
      var pieces = SentencePiece.read(resource(model.get("model").asText()));
      assertEquals(model.get("size").asInt(), pieces.size());
      assertTrue(model.get("cases").size() > 80);
      for (JsonNode item : model.get("cases")) {
        var expected =
            IntStream.range(0, item.get("ids").size()).map(i -> item.get("ids").get(i).asInt());
        String text = item.get("text").textValue();
        assertArrayEquals(
            expected.toArray(), pieces.encode(text), model.get("model") + ": " + item.get("text"));
      }
    }
  }

  @Test
  void controlTokensAreNamedButNotFoundInText() {
    var pieces = SentencePiece.read(resource("fallback.model"));
    assertEquals(OptionalInt.of(1), pieces.idOf("<s>"));
    assertEquals(OptionalInt.empty(), pieces.idOf("<|im_start|>"));
    assertTrue(Arrays.stream(pieces.encode("<s>")).noneMatch(id -> id <= 2));
  }

  @Test
  void encodesALongLoopInLittleTime() {
    var pieces = SentencePiece.read(resource("fallback.model"));
    int[] ids = pieces.encode(" the reward model".repeat(20_000));
    assertArrayEquals(
        Arrays.copyOfRange(ids, 0, ids.length / 2),
        Arrays.copyOfRange(ids, ids.length / 2, ids.length));
  }

  @Test
  void halfASurrogatePairIsTheReplacementCharacter() {
    var pieces = SentencePiece.read(resource("fallback.model"));
    assertArrayEquals(pieces.encode("a\uFFFDb"), pieces.encode("a\uD83Db"));
  }

  @Test
  void saysWhatAFileIsNot() throws IOException {
    assertRefused(new byte[0], "it has no pieces");
    assertRefused("{\"version\"".getBytes(), "no whole SentencePiece model");
    var good = Files.readAllBytes(resource("fallback.model"));
    assertRefused(Arrays.copyOf(good, 100), "ends too early");
    var unigram = good.clone();
    unigram[indexOf(unigram, new byte[] {0x18, 2, 0x20})] = 0x50; // Field 3 becomes field 10.
    assertRefused(unigram, "it is of model type 1, not BPE (2)");
  }

  @Test
  void readsDamagedFilesOrRefusesThem() throws IOException {
    long seed = 11;
    var random = new Random(seed);
    var good = Files.readAllBytes(resource("plain.model"));
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      var bad = good.clone();
      for (int k = 0; k < 3; k++) bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      var file = Files.write(folder.resolve("damaged.model"), bad);
      try {
        SentencePiece.read(file).encode("the sea is 龘");
      } catch (DataException e) {
        refused++;
      }
    }
    assertTrue(refused > 50, "seed %d: only %d refused".formatted(seed, refused));
  }

  private void assertRefused(byte[] content, String why) throws IOException {
    var file = Files.write(folder.resolve("tokenizer.model"), content);
    var error = assertThrows(DataException.class, () -> SentencePiece.read(file));
    assertTrue(error.getMessage().startsWith(file + ": "), error::getMessage);
    assertTrue(error.getMessage().contains(why), error::getMessage);
  }

  private static int indexOf(byte[] all, byte[] part) {
    int at = 0;
    while (!Arrays.equals(all, at, at + part.length, part, 0, part.length)) at++;
    return at;
  }

  private static Path resource(String name) {
    try {
      return Path.of(SentencePieceTest.class.getResource("/sentencepiece/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
