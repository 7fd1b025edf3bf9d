package org.panamind.dataset.tokenizer;

import java.util.function.IntFunction;

/**
 * Streaming for byte-level vocabularies, where a text is the concatenation of its tokens' bytes.
 *
 * <p>Decodes UTF-8 byte by byte as the WHATWG Encoding Standard (section 8.1.1) and Rust do it: one
 * U+FFFD for each longest beginning of a character that does not go on. Java's own decoder differs
 * for encoded surrogates.
 */
final class ByteStreamDecoder implements StreamingDecoder {
  private static final char REPLACEMENT = '\uFFFD';

  private final IntFunction<byte[]> bytesOf;
  private int codePoint;
  private int missing;
  private int lowest = 0x80;
  private int highest = 0xBF;

  /**
   * @param bytesOf the bytes of an id, empty for one that is left out
   */
  ByteStreamDecoder(IntFunction<byte[]> bytesOf) {
    this.bytesOf = bytesOf;
  }

  @Override
  public String accept(int id) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytesOf.apply(id)) {
      accept(b & 0xFF, text);
    }
    return text.toString();
  }

  private void accept(int b, StringBuilder text) {
    if (missing > 0 && (b < lowest || b > highest)) {
      missing = 0;
      text.append(REPLACEMENT);
    }
    if (missing == 0) {
      begin(b, text);
      return;
    }
    lowest = 0x80;
    highest = 0xBF;
    codePoint = codePoint << 6 | (b & 0x3F);
    if (--missing == 0) {
      text.appendCodePoint(codePoint);
    }
  }

  /** The first byte of a character; some leave less room for the second (RFC 3629, section 4). */
  private void begin(int b, StringBuilder text) {
    lowest = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
    highest = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
    if (b < 0x80) {
      text.append((char) b);
    } else if (b >= 0xC2 && b <= 0xF4) {
      missing = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
      codePoint = b & (0x3F >> missing);
    } else {
      text.append(REPLACEMENT);
    }
  }

  @Override
  public String finish() {
    String rest = missing > 0 ? String.valueOf(REPLACEMENT) : "";
    missing = 0;
    return rest;
  }
}
