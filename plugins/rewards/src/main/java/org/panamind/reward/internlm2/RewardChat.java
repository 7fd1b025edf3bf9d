package org.panamind.reward.internlm2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.panamind.dataset.DataException;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.dataset.sentencepiece.SentencePiece;

/**
 * A conversation in InternLM2's tokens: {@code <s>}, then for each turn {@code <|im_start|>ROLE},
 * newline, the text, {@code <|im_end|>}, newline, and at the very end {@code <|reward|>}, where the
 * score is read. Markers that stand in a text are encoded as text.
 *
 * @param pieces encodes what stands between the markers
 */
record RewardChat(SentencePiece pieces, int begin, int startOfTurn, int endOfTurn, int reward) {
  /** InternLM2's own, where {@code config.json} does not tell. */
  private static final int USUAL_REWARD = 92527;

  private static final String NEWLINE = "\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the tokenizer of a folder.
   *
   * @throws DataException if it lacks one of the markers or has ids that the model has not
   */
  static RewardChat read(Path folder) {
    var pieces = SentencePiece.read(folder.resolve("tokenizer.model"));
    JsonNode config = json(folder.resolve("config.json"));
    int vocabulary = config.path("vocab_size").asInt();
    var chat =
        new RewardChat(
            pieces,
            marker(folder, pieces, "<s>"),
            marker(folder, pieces, "<|im_start|>"),
            marker(folder, pieces, "<|im_end|>"),
            config.path("reward_token_id").asInt(USUAL_REWARD));
    int largest =
        IntStream.of(pieces.size() - 1, chat.begin, chat.startOfTurn, chat.endOfTurn, chat.reward)
            .max()
            .orElseThrow();
    if (largest >= vocabulary)
      throw DataException.inFile(
          folder.resolve("config.json"),
          "vocab_size is %d, but the tokenizer has the id %d; copy both from one place"
              .formatted(vocabulary, largest));
    return chat;
  }

  /** What {@code tokenizer_config.json} or {@code added_tokens.json} adds, else a piece. */
  private static int marker(Path folder, SentencePiece pieces, String text) {
    JsonNode decoder = json(folder.resolve("tokenizer_config.json")).path("added_tokens_decoder");
    for (Map.Entry<String, JsonNode> added : decoder.properties())
      if (added.getValue().path("content").asText().equals(text) && isId(added.getKey()))
        return Integer.parseInt(added.getKey());
    JsonNode id = json(folder.resolve("added_tokens.json")).path(text);
    if (id.canConvertToInt()) return id.asInt();
    return pieces
        .idOf(text)
        .orElseThrow(
            () ->
                DataException.inFile(
                    folder,
                    "no %s in tokenizer_config.json, added_tokens.json or tokenizer.model; copy the"
                            .formatted(text)
                        + " model's whole folder"));
  }

  private static boolean isId(String key) {
    return key.matches("\\d{1,9}");
  }

  private static JsonNode json(Path file) {
    if (!Files.exists(file)) return MissingNode.getInstance();
    try {
      return JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw DataException.inFile(file, "is no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The ids of a conversation and its answer.
   *
   * @return ends in the token whose score counts
   */
  int[] encode(Conversation asked, String answer) {
    var ids = IntStream.builder().add(begin);
    for (Message message : asked.messages()) add(ids, message.role(), message.content());
    add(ids, "assistant", answer);
    return ids.add(reward).build().toArray();
  }

  private void add(IntStream.Builder ids, String role, String content) {
    ids.add(startOfTurn);
    IntStream.of(pieces.encode(role + NEWLINE + content)).forEach(ids);
    ids.add(endOfTurn);
    IntStream.of(pieces.encode(NEWLINE)).forEach(ids);
  }
}
