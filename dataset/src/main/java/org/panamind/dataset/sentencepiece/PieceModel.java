package org.panamind.dataset.sentencepiece;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.panamind.dataset.DataException;

/**
 * What a SentencePiece {@code .model} file holds (sentencepiece_model.proto of that library), as
 * far as encoding by byte-pair merges needs it.
 *
 * @param pieces by id
 * @param byteFallback whether what the vocabulary lacks is spelled in bytes
 * @param dummyPrefix whether a space is put before the text
 * @param trimsSpaces whether spaces at the ends go and runs become one
 * @param escapesSpaces whether spaces are written U+2581 in pieces
 */
record PieceModel(
    List<Piece> pieces,
    boolean byteFallback,
    boolean dummyPrefix,
    boolean trimsSpaces,
    boolean escapesSpaces) {
  /** What a piece stands for; order and numbers are the file's, from 1. */
  enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  /**
   * One entry of the vocabulary.
   *
   * @param score the higher, the earlier it is merged
   */
  record Piece(String text, float score, Kind kind) {}

  private static final int BPE = 2;

  /**
   * Reads a file.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws DataException if it is damaged or encodes in another way than by merges
   */
  static PieceModel read(Path file) {
    try {
      var reader = new Reader(file);
      reader.model(new ProtoReader(file, ByteBuffer.wrap(Files.readAllBytes(file))));
      return reader.checked();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  /** Gathers what the nested messages say; the initial values are the format's defaults. */
  private static final class Reader {
    private final Path file;
    private final List<Piece> pieces = new ArrayList<>();
    private long modelType = 1;
    private boolean byteFallback;
    private boolean spaceAsSuffix;
    private boolean hasCharacterMap;
    private boolean dummyPrefix = true;
    private boolean trimsSpaces = true;
    private boolean escapesSpaces = true;

    Reader(Path file) {
      this.file = file;
    }

    void model(ProtoReader in) {
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 1 -> pieces.add(piece(in.message()));
          case 2 -> trainer(in.message());
          case 3 -> normalizer(in.message());
          default -> in.skip();
        }
      }
    }

    private Piece piece(ProtoReader in) {
      String text = "";
      float score = 0;
      long kind = 1;
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 1 -> text = in.text();
          case 2 -> score = in.float32();
          case 3 -> kind = in.varint();
          default -> in.skip();
        }
      }
      if (kind < 1 || kind > Kind.values().length)
        throw refused("the piece %d is of the unknown kind %d".formatted(pieces.size(), kind));
      return new Piece(text, score, Kind.values()[(int) kind - 1]);
    }

    private void trainer(ProtoReader in) {
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 3 -> modelType = in.varint();
          case 24 -> spaceAsSuffix = in.flag();
          case 35 -> byteFallback = in.flag();
          default -> in.skip();
        }
      }
    }

    private void normalizer(ProtoReader in) {
      for (int field = in.next(); field != 0; field = in.next()) {
        switch (field) {
          case 2 -> hasCharacterMap = !in.text().isEmpty();
          case 3 -> dummyPrefix = in.flag();
          case 4 -> trimsSpaces = in.flag();
          case 5 -> escapesSpaces = in.flag();
          default -> in.skip();
        }
      }
    }

    PieceModel checked() {
      if (pieces.isEmpty()) throw refused("it has no pieces");
      if (modelType != BPE)
        throw refused("it is of model type %d, not BPE (2)".formatted(modelType));
      if (hasCharacterMap) throw refused("it normalises characters; only identity is read");
      if (spaceAsSuffix) throw refused("it has treat_whitespace_as_suffix");
      if (pieces.stream().anyMatch(piece -> piece.kind() == Kind.UNUSED))
        throw refused("it has pieces of the kind UNUSED");
      return new PieceModel(
          List.copyOf(pieces), byteFallback, dummyPrefix, trimsSpaces, escapesSpaces);
    }

    private DataException refused(String why) {
      return DataException.inFile(
          file, "cannot be used as a SentencePiece BPE model: " + why + "; take a tokenizer.json");
    }
  }
}
