package org.panamind.dataset.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The printable characters that stand for the 256 bytes in a byte-level vocabulary (Radford et al.
 * 2019, GPT-2): printable Latin-1 bytes stand for themselves, the other 68 for U+0100 and up in
 * order of their value, so a space is {@code Ġ}.
 */
public final class ByteAlphabet {
  private static final char[] CHAR_OF_BYTE = charOfByte();
  private static final short[] BYTE_OF_CHAR = byteOfChar();

  private ByteAlphabet() {}

  private static char[] charOfByte() {
    char[] chars = new char[256];
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable =
          (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
      chars[b] = printable ? (char) b : next++;
    }
    return chars;
  }

  private static short[] byteOfChar() {
    short[] bytes = new short[256 + 68];
    Arrays.fill(bytes, (short) -1);
    for (int b = 0; b < 256; b++) {
      bytes[CHAR_OF_BYTE[b]] = (short) b;
    }
    return bytes;
  }

  /** The character of a byte given as 0 to 255. */
  public static char charOf(int unsignedByte) {
    return CHAR_OF_BYTE[unsignedByte];
  }

  /** All 256 characters by code point: the order in which a vocabulary lists them. */
  public static char[] sorted() {
    char[] chars = CHAR_OF_BYTE.clone();
    Arrays.sort(chars);
    return chars;
  }

  /**
   * The bytes that a token of a byte-level vocabulary stands for. A token with any character
   * outside the alphabet (an added token may have one) stands for its own UTF-8, as in Hugging
   * Face's decoder.
   */
  public static byte[] bytesOf(String token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(token.length());
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c >= BYTE_OF_CHAR.length || BYTE_OF_CHAR[c] < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(BYTE_OF_CHAR[c]);
    }
    return bytes.toByteArray();
  }
}
