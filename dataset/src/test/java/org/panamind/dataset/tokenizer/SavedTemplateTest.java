package org.panamind.dataset.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.bpe.BpeTrainer;

class SavedTemplateTest {
  @TempDir Path folder;
  private Path config;

  @BeforeEach
  void writeTokenizer() {
    BpeTrainer.ofSize(260).train(List.of("a few words").iterator()).writeTo(folder);
    config = folder.resolve("tokenizer_config.json");
  }

  private Optional<String> templateWith(String value) throws IOException {
    Files.writeString(config, "{\"eos_token\": \"<|im_end|>\"" + value + "}");
    try (Tokenizer tokenizer = HuggingFaceTokenizer.load(folder)) {
      return tokenizer.chatTemplate();
    }
  }

  @Test
  void takesTheDefaultOfNamedTemplates() throws IOException {
    var named =
        ", \"chat_template\": [{\"name\": \"tool_use\", \"template\": \"with tools\"},"
            + " {\"name\": \"default\", \"template\": \"plain\"}]";
    assertEquals(Optional.of("plain"), templateWith(named));
  }

  @Test
  void aFileOfItsOwnComesBeforeTheConfig() throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0]['content'] }}\n");
    assertEquals(
        Optional.of("{{ messages[0]['content'] }}\n"), templateWith(", \"chat_template\": \"x\""));
    Files.delete(config);
    try (Tokenizer tokenizer = HuggingFaceTokenizer.load(folder)) {
      assertTrue(tokenizer.chatTemplate().isPresent());
    }
  }

  @Test
  void thereNeedBeNone() throws IOException {
    assertEquals(Optional.empty(), templateWith(""));
    assertEquals(Optional.empty(), templateWith(", \"chat_template\": null"));
    assertEquals(Optional.empty(), templateWith(", \"chat_template\": []"));
  }

  @Test
  void saysWhatIsWrongWithWhatIsThere() {
    assertFails(", \"chat_template\": 3", "neither a text nor a list");
    assertFails(
        ", \"chat_template\": [{\"name\": \"rag\", \"template\": \"x\"}, {}]",
        "names the chat templates rag, one without a name and none \"default\"");
    assertFails(", \"chat_template\": [{\"name\": \"default\"}]", "none \"default\" with a text");
  }

  private void assertFails(String value, String part) {
    var failure = assertThrows(DataException.class, () -> templateWith(value));
    assertTrue(failure.getMessage().startsWith(config.toString()), failure.getMessage());
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
  }
}
