package org.panamind.dataset.jsonl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Turns the bytes of one line into a record, or says why they are none. */
final class LineParser {
  /** How much of a bad line a message shows. */
  private static final int EXCERPT_CHARS = 40;

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(LineScanner.LONGEST_LINE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final LineCheck check;

  /** Why a line is bad. Carries no stack trace: a file may have many. */
  static final class BadLine extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean json;

    BadLine(String what, boolean json) {
      super(what, null, false, false);
      this.json = json;
    }

    /** Whether the line was JSON at all. */
    boolean isJson() {
      return json;
    }
  }

  LineParser(LineCheck check) {
    this.check = check;
  }

  /** Whether a line has nothing but white space. */
  static boolean isBlank(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  JsonNode parse(byte[] bytes, int length) throws BadLine {
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      requireUtf8(bytes, length);
    }
    JsonNode record = read(text);
    if (!record.isObject()) {
      throw bad("is no JSON object such as {\"text\": \"...\"}", text, true);
    }
    Optional<String> complaint = check.complaint(record);
    if (complaint.isPresent()) {
      throw bad(complaint.get(), text, true);
    }
    return record;
  }

  private static JsonNode read(String text) throws BadLine {
    try {
      return JSON.readTree(text);
    } catch (JsonEOFException e) {
      throw bad("is cut short: the JSON does not end", text, false);
    } catch (JsonProcessingException e) {
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw bad("is not JSON: " + reason, text, false);
    }
  }

  /** A decoder that reports is slower, so it runs only where something was replaced. */
  private static void requireUtf8(byte[] bytes, int length) throws BadLine {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
    CoderResult result = decoder.decode(in, CharBuffer.allocate(length), true);
    if (result.isError()) {
      boolean utf16 = length > 1 && (bytes[0] & 0xFE) == 0xFE && (bytes[1] & 0xFE) == 0xFE;
      String what =
          utf16
              ? "is UTF-16, not UTF-8"
              : "is not UTF-8 at byte %d (0x%02X)"
                  .formatted(in.position() + 1, bytes[in.position()] & 0xFF);
      throw bad(what, new String(bytes, 0, length, StandardCharsets.UTF_8), false);
    }
  }

  private static BadLine bad(String what, String text, boolean json) {
    return new BadLine(what + "; line starts " + excerpt(text), json);
  }

  private static String excerpt(String text) {
    int end = Math.min(text.length(), EXCERPT_CHARS);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    String start = text.substring(0, end).replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    return end < text.length() ? start + "..." : start;
  }
}
