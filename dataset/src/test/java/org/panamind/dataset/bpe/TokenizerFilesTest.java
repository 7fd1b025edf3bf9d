package org.panamind.dataset.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;

class TokenizerFilesTest {
  @TempDir Path folder;

  private BpeVocabulary written() {
    BpeVocabulary vocabulary = BpeTrainer.ofSize(1200).train(MixedText.lines(11, 1000).iterator());
    vocabulary.writeTo(folder);
    return vocabulary;
  }

  @Test
  void loadsAgainWithTheSameIds() {
    BpeVocabulary vocabulary = written();
    try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.load(folder)) {
      assertEquals(1200, tokenizer.vocabSize());
      for (int id = 0; id < 1200; id++) {
        assertEquals(vocabulary.tokens().get(id), tokenizer.tokenOf(id).orElseThrow());
        assertEquals(id, tokenizer.idOf(vocabulary.tokens().get(id)).orElseThrow());
      }
      assertEquals(1, tokenizer.specialTokens().bosId());
      assertEquals(2, tokenizer.specialTokens().eosId());
      assertEquals(0, tokenizer.specialTokens().padId());
    }
  }

  @Test
  void encodesByTheMergesItLearned() {
    new BpeTrainer(262, BpeTrainer.CHATML_TOKENS, 1)
        .train(List.of("aab aab aab aa").iterator())
        .writeTo(folder);
    try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.load(folder)) {
      // Learned: "a a" (4 times), "Ġ aa" (3 times, as "aa b", but with the smaller left id), "Ġaa
      // b".
      assertArrayEquals(new int[] {259, tokenizer.idOf("b").getAsInt()}, tokenizer.encode("aab"));
      assertArrayEquals(new int[] {261, 261}, tokenizer.encode(" aab aab"));
    }
  }

  @Test
  void writesAChatTemplateWithoutAnInventedSystemPrompt() throws IOException {
    written();
    JsonNode config = new ObjectMapper().readTree(folder.resolve("tokenizer_config.json").toFile());
    String template = config.get("chat_template").textValue();
    assertTrue(template.contains("<|im_start|>assistant\\n"), template);
    assertFalse(template.contains("helpful"), template);
    assertEquals("<|im_end|>", config.get("eos_token").textValue());
  }

  @Test
  void leavesNoPartialFilesBehind() throws IOException {
    written();
    try (var files = Files.list(folder)) {
      assertEquals(
          List.of("tokenizer.json", "tokenizer_config.json"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void saysWhichFolderCannotBeWritten() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("out"), "a file");
    BpeVocabulary vocabulary = BpeTrainer.ofSize(259).train(List.of("a").iterator());
    UncheckedIOException error =
        assertThrows(UncheckedIOException.class, () -> vocabulary.writeTo(inTheWay));
    assertTrue(
        error.getMessage().startsWith("cannot write " + inTheWay.resolve("tokenizer.json")),
        error.getMessage());
  }
}
