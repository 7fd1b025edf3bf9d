package org.panamind.dataset.sentencepiece;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.panamind.dataset.DataException;
import org.panamind.dataset.WellFormedText;
import org.panamind.dataset.sentencepiece.PieceModel.Kind;
import org.panamind.dataset.sentencepiece.PieceModel.Piece;

/**
 * A tokenizer of SentencePiece's byte-pair kind (Kudo and Richardson 2018, arXiv:1808.06226), as
 * Llama's and InternLM's {@code tokenizer.model}: characters are merged by the pieces' scores, and
 * what no piece covers is spelled in bytes or becomes the unknown token. Control tokens such as
 * {@code <s>} are never found in text. Immutable; any thread may encode.
 */
public final class SentencePiece {
  private static final String SPACE = "\u2581";
  private static final Pattern SPACES = Pattern.compile(" {2,}");
  private static final Pattern LAST_SPACES = Pattern.compile(SPACE + "+\\z");
  private static final int BYTE_VALUES = 256;

  private final PieceModel model;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Integer> pieces = new HashMap<>();
  private final Map<String, Float> scores = new HashMap<>();
  private final Map<Character, List<String>> userDefined = new HashMap<>();
  private final int[] byteIds;
  private final int unknownId;

  private SentencePiece(Path file, PieceModel model) {
    this.model = model;
    int unknown = -1;
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      ids.put(piece.text(), id);
      if (piece.kind() == Kind.UNKNOWN) unknown = id;
      if (piece.kind() == Kind.NORMAL || piece.kind() == Kind.USER_DEFINED) add(piece, id);
    }
    if (unknown < 0) throw DataException.inFile(file, "has no piece for the unknown");
    unknownId = unknown;
    userDefined.values().forEach(list -> list.sort(Comparator.comparingInt(s -> -s.length())));
    byteIds = model.byteFallback() ? byteIds(file) : null;
  }

  private void add(Piece piece, int id) {
    pieces.put(piece.text(), id);
    scores.put(piece.text(), piece.score());
    if (piece.kind() == Kind.USER_DEFINED && !piece.text().isEmpty())
      userDefined
          .computeIfAbsent(piece.text().charAt(0), first -> new ArrayList<>())
          .add(piece.text());
  }

  private int[] byteIds(Path file) {
    return IntStream.range(0, BYTE_VALUES)
        .map(
            value ->
                idOf("<0x%02X>".formatted(value))
                    .orElseThrow(
                        () ->
                            DataException.inFile(
                                file, "has byte_fallback but no <0x%02X>".formatted(value))))
        .toArray();
  }

  /**
   * Reads a model file.
   *
   * @throws java.io.UncheckedIOException if it cannot be read
   * @throws DataException if it is damaged, is of another kind than BPE, or normalises characters
   */
  public static SentencePiece read(Path file) {
    return new SentencePiece(file, PieceModel.read(file));
  }

  /** Number of ids. */
  public int size() {
    return model.pieces().size();
  }

  /** The id of a piece of whichever kind, control tokens among them. */
  public OptionalInt idOf(String piece) {
    Integer id = ids.get(piece);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** The ids of a text; nothing is put before or behind it. */
  public int[] encode(String text) {
    var found = IntStream.builder();
    int last = -1;
    for (String symbol : symbols(normalized(WellFormedText.of(text)))) {
      int id = pieces.getOrDefault(symbol, unknownId);
      if (id != unknownId) found.add(id);
      else if (byteIds != null) addBytes(symbol, found);
      else if (last != unknownId) found.add(id); // A run of unknown symbols is one.
      last = id;
    }
    return found.build().toArray();
  }

  private void addBytes(String symbol, IntStream.Builder found) {
    for (byte value : symbol.getBytes(StandardCharsets.UTF_8)) found.add(byteIds[value & 0xFF]);
  }

  private String normalized(String text) {
    String kept = model.trimsSpaces() ? SPACES.matcher(trimmed(text)).replaceAll(" ") : text;
    if (kept.isEmpty()) return kept;
    String prefixed = model.dummyPrefix() ? " " + kept : kept;
    String escaped = model.escapesSpaces() ? prefixed.replace(" ", SPACE) : prefixed;
    return model.trimsSpaces() ? LAST_SPACES.matcher(escaped).replaceAll("") : escaped;
  }

  /** Without spaces, and no other white space, at its ends. */
  private static String trimmed(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && text.charAt(from) == ' ') from++;
    while (to > from && text.charAt(to - 1) == ' ') to--;
    return text.substring(from, to);
  }

  /** Code points and user-defined pieces, merged. */
  private List<String> symbols(String text) {
    var lengths = new int[text.length()];
    var whole = new boolean[text.length()];
    int count = 0;
    for (int at = 0; at < text.length(); at += lengths[count++]) {
      int defined = userDefinedAt(text, at);
      whole[count] = defined > 0;
      lengths[count] = defined > 0 ? defined : Character.charCount(text.codePointAt(at));
    }
    var first = IntStream.range(0, count).map(i -> lengths[i]).toArray();
    return new PieceMerges(text, scores, first, whole).run();
  }

  /** The length of the longest user-defined piece that begins here, 0 for none. */
  private int userDefinedAt(String text, int at) {
    for (String piece : userDefined.getOrDefault(text.charAt(at), List.of()))
      if (text.startsWith(piece, at)) return piece.length();
    return 0;
  }
}
