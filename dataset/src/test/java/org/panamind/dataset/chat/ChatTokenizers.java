package org.panamind.dataset.chat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;

/** Small tokenizers with chat templates, for tests. */
public final class ChatTokenizers {
  private static final String TEXT =
      "<think>\n\n"
          + "</think>\n\n"
          + "user\n\n\n"
          + "assistant\n\n\n"
          + "system\n"
          + "Hello world! What is 12 + 3? The answer is 15. 你好，世界。";

  private ChatTokenizers() {}

  /** A tokenizer with MiniMind's template of a generation: minimind2 or minimind3. */
  public static HuggingFaceTokenizer withTemplateOf(Path folder, String generation)
      throws IOException {
    String resource = "/org/panamind/dataset/template/" + generation + ".jinja";
    try (InputStream in = ChatTokenizers.class.getResourceAsStream(resource)) {
      return withTemplate(folder, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** A tokenizer with any template. */
  public static HuggingFaceTokenizer withTemplate(Path folder, String template) throws IOException {
    List<String> documents = IntStream.range(0, 40).mapToObj(i -> TEXT.substring(i)).toList();
    BpeTrainer.ofSize(320).train(documents.iterator()).writeTo(folder);
    ObjectMapper json = new ObjectMapper();
    Path config = folder.resolve("tokenizer_config.json");
    ObjectNode root = (ObjectNode) json.readTree(config.toFile());
    Files.writeString(config, json.writeValueAsString(root.put("chat_template", template)));
    return HuggingFaceTokenizer.load(folder);
  }
}
