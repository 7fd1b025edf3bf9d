package org.panamind.dataset.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * Streaming for byte-level vocabularies, where a text is the concatenation of its tokens' bytes.
 */
final class ByteStreamDecoder implements StreamingDecoder {
  private final IntFunction<byte[]> bytesOf;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] held = new byte[0];

  /**
   * @param bytesOf the bytes of an id, empty for one that is left out
   */
  ByteStreamDecoder(IntFunction<byte[]> bytesOf) {
    this.bytesOf = bytesOf;
  }

  @Override
  public String accept(int id) {
    return decode(bytesOf.apply(id), false);
  }

  @Override
  public String finish() {
    String rest = decode(new byte[0], true);
    utf8.reset();
    return rest;
  }

  private String decode(byte[] bytes, boolean end) {
    ByteBuffer in = ByteBuffer.allocate(held.length + bytes.length).put(held).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    utf8.decode(in, out, end);
    if (end) {
      utf8.flush(out);
    }
    held = new byte[in.remaining()];
    in.get(held);
    return out.flip().toString();
  }
}
