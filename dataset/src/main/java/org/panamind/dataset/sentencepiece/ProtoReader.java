package org.panamind.dataset.sentencepiece;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.panamind.dataset.DataException;

/**
 * Reads the fields of one Protocol Buffers message in their order (encoding as its documentation
 * has it: a varint of number and wire type, then the value). After {@link #next} exactly one of the
 * value methods, or {@link #skip}, must follow.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int VARINT_BITS = 64;

  private final Path file;
  private final ByteBuffer bytes;
  private int wireType;

  /**
   * @param file for messages
   */
  ProtoReader(Path file, ByteBuffer bytes) {
    this.file = file;
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of the next field, 0 at the end. */
  int next() {
    if (!bytes.hasRemaining()) return 0;
    long tag = rawVarint();
    wireType = (int) (tag & 7);
    int number = (int) (tag >>> 3);
    if (number == 0) throw damaged("has a field of number 0");
    return number;
  }

  long varint() {
    require(VARINT);
    return rawVarint();
  }

  boolean flag() {
    return varint() != 0;
  }

  float float32() {
    require(FIXED32);
    need(Float.BYTES);
    return bytes.getFloat();
  }

  String text() {
    return StandardCharsets.UTF_8.decode(content()).toString();
  }

  ProtoReader message() {
    return new ProtoReader(file, content());
  }

  void skip() {
    switch (wireType) {
      case VARINT -> rawVarint();
      case FIXED64 -> skip(Long.BYTES);
      case BYTES -> content();
      case FIXED32 -> skip(Integer.BYTES);
      default -> throw damaged("has a field of wire type " + wireType);
    }
  }

  private ByteBuffer content() {
    require(BYTES);
    long length = rawVarint();
    need(length);
    var content = bytes.slice(bytes.position(), (int) length);
    skip((int) length);
    return content;
  }

  private void skip(int count) {
    need(count);
    bytes.position(bytes.position() + count);
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < VARINT_BITS; shift += 7) {
      need(1);
      byte part = bytes.get();
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) return value;
    }
    throw damaged("has a number of more than 64 bits");
  }

  private void require(int type) {
    if (wireType != type)
      throw damaged("has a field of wire type %d, not %d".formatted(wireType, type));
  }

  private void need(long count) {
    if (count < 0 || count > bytes.remaining()) throw damaged("ends too early");
  }

  private DataException damaged(String what) {
    return DataException.inFile(
        file, what + "; it is no whole SentencePiece model, copy it again from where it came");
  }
}
