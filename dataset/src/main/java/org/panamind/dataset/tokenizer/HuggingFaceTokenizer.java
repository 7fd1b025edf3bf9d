package org.panamind.dataset.tokenizer;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.panamind.dataset.DataException;

/**
 * A tokenizer given by {@code tokenizer.json}, run by Hugging Face's own library, so that any such
 * file encodes exactly as it does there.
 */
public final class HuggingFaceTokenizer implements Tokenizer {
  private static final byte[] NO_BYTES = {};

  private final TokenizerJson json;
  private final SpecialTokens roles;
  private final int vocabSize;
  private final List<String> specialNames;
  private final boolean normalizesFirst;
  private final NativeTokenizer marked;
  private final NativeTokenizer ordinary;

  private HuggingFaceTokenizer(TokenizerJson json) {
    this.json = json;
    roles = json.specialTokens();
    normalizesFirst = json.matchesSpecialAfterNormalizing();
    specialNames = json.special().stream().mapToObj(json.tokens()::get).toList();
    vocabSize = json.tokens().keySet().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    marked = new NativeTokenizer(json.file(), json.text());
    ordinary =
        json.special().isEmpty()
            ? marked
            : new NativeTokenizer(json.file(), json.withoutSpecialNames());
  }

  /**
   * Loads a tokenizer.
   *
   * @param folderOrFile a folder with {@code tokenizer.json}, or that file; roles and chat template
   *     come from {@code tokenizer_config.json} beside it, if there is one
   * @throws java.io.UncheckedIOException if the file cannot be read
   * @throws DataException if it is no tokenizer
   * @throws IllegalStateException if the native library cannot be loaded
   */
  public static HuggingFaceTokenizer load(Path folderOrFile) {
    return new HuggingFaceTokenizer(new TokenizerJson(folderOrFile));
  }

  @Override
  public int[] encode(String text) {
    return marked.encode(text);
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return ordinary.encode(text);
  }

  @Override
  public boolean holdsSpecialTokens(String text) {
    if (normalizesFirst) {
      return !Arrays.equals(encode(text), encodeOrdinary(text));
    }
    return specialNames.stream().anyMatch(text::contains);
  }

  @Override
  public List<int[]> encodeAll(List<String> texts) {
    return Arrays.asList(marked.encodeAll(texts.toArray(String[]::new)));
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    return marked.decode(ids, skipSpecial);
  }

  @Override
  public StreamingDecoder streamingDecoder(boolean skipSpecial) {
    return json.isByteLevel()
        ? new ByteStreamDecoder(id -> bytesOf(id, skipSpecial))
        : new WindowStreamDecoder(ids -> decode(ids, skipSpecial));
  }

  private byte[] bytesOf(int id, boolean skipSpecial) {
    String token = json.tokens().get(id);
    boolean leftOut = token == null || (skipSpecial && json.special().get(id));
    return leftOut ? NO_BYTES : ByteAlphabet.bytesOf(token);
  }

  @Override
  public int vocabSize() {
    return vocabSize;
  }

  @Override
  public OptionalInt idOf(String token) {
    Integer id = json.ids().get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public Optional<String> tokenOf(int id) {
    return Optional.ofNullable(json.tokens().get(id));
  }

  @Override
  public SpecialTokens specialTokens() {
    return roles;
  }

  @Override
  public Optional<String> chatTemplate() {
    return json.chatTemplate();
  }

  @Override
  public String fingerprint() {
    return json.fingerprint();
  }

  @Override
  public void close() {
    marked.close();
    ordinary.close();
  }
}
