package org.panamind.dataset.bpe;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.panamind.dataset.AtomicFile;

/** Writes the two files of a tokenizer in Hugging Face's form. */
final class TokenizerFiles {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The length that MiniMind2's tokenizer states; it limits nothing in training. */
  private static final int MODEL_MAX_LENGTH = 32768;

  private TokenizerFiles() {}

  static void write(BpeVocabulary vocabulary, Path folder) {
    writeJson(folder.resolve("tokenizer.json"), tokenizer(vocabulary));
    writeJson(folder.resolve("tokenizer_config.json"), config(vocabulary.specialTokens()));
  }

  private static void writeJson(Path file, ObjectNode content) {
    byte[] bytes;
    try {
      bytes = (JSON.writeValueAsString(content) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    AtomicFile.write(file, out -> out.write(bytes));
  }

  private static ObjectNode tokenizer(BpeVocabulary vocabulary) {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < vocabulary.specialTokens().size(); id++) {
      ObjectNode token = added.addObject().put("id", id);
      describe(token, vocabulary.specialTokens().get(id));
    }
    root.putNull("normalizer");
    putByteLevel(root, "pre_tokenizer");
    root.putNull("post_processor");
    putByteLevel(root, "decoder");
    putModel(root, vocabulary);
    return root;
  }

  private static void describe(ObjectNode token, String content) {
    token.put("content", content).put("single_word", false).put("lstrip", false);
    token.put("rstrip", false).put("normalized", false).put("special", true);
  }

  private static void putByteLevel(ObjectNode root, String key) {
    ObjectNode part = root.putObject(key).put("type", "ByteLevel");
    part.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
  }

  private static void putModel(ObjectNode root, BpeVocabulary vocabulary) {
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      ids.put(vocabulary.tokens().get(id), id);
    }
    // "left right" in one string loads in every release of Hugging Face's library; pairs only in
    // recent ones. No byte-level token has a space.
    ArrayNode merges = model.putArray("merges");
    vocabulary.merges().forEach(merge -> merges.add(merge.left() + " " + merge.right()));
  }

  private static ObjectNode config(List<String> specialTokens) {
    ObjectNode root = JSON.createObjectNode();
    root.put("add_bos_token", false).put("add_eos_token", false).put("add_prefix_space", false);
    ObjectNode added = root.putObject("added_tokens_decoder");
    for (int id = 0; id < specialTokens.size(); id++) {
      describe(added.putObject(String.valueOf(id)), specialTokens.get(id));
    }
    root.putArray("additional_special_tokens");
    if (specialTokens.containsAll(BpeTrainer.CHATML_TOKENS)) {
      root.put("bos_token", "<|im_start|>").put("eos_token", "<|im_end|>");
      root.put("pad_token", "<|endoftext|>").put("unk_token", "<|endoftext|>");
      root.put("chat_template", chatTemplate());
    }
    root.put("clean_up_tokenization_spaces", false).put("model_max_length", MODEL_MAX_LENGTH);
    root.put("spaces_between_special_tokens", false);
    return root.put("tokenizer_class", "PreTrainedTokenizerFast");
  }

  private static String chatTemplate() {
    try (InputStream in = TokenizerFiles.class.getResourceAsStream("chat_template.jinja")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
