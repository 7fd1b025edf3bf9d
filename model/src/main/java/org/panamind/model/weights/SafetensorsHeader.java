package org.panamind.model.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON header of a safetensors file, checked by the rules of the format's reference
 * implementation ({@code safetensors/src/tensor.rs}).
 *
 * @param dataStart byte of the file from which the entries' offsets count
 * @param entries the tensors in the order of their bytes
 * @param metadata the {@code __metadata__} strings
 */
record SafetensorsHeader(long dataStart, List<Entry> entries, Map<String, String> metadata) {
  private static final long MAX_HEADER = 100_000_000;
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_RANK = 64;
  private static final int MAX_NAME = 10_000;
  private static final String METADATA = "__metadata__";
  private static final String REMEDY =
      "The file is damaged or is no safetensors file; copy or download it again.";

  /**
   * Read with limits, since the header is foreign data. Names are neither interned nor kept in
   * Jackson's symbol table, whose collisions a hostile header could provoke.
   */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxNameLength(MAX_NAME)
                  .maxNumberLength(32)
                  .build())
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** A tensor's place: bytes [begin, end) counted from {@link #dataStart}. */
  record Entry(String name, ElementType type, long[] shape, long begin, long end) {}

  /** Reads and checks the header of a whole mapped file. */
  static SafetensorsHeader parse(Path file, MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size < Long.BYTES + 2) {
      throw new WeightException(
          file, size, "the file ends after " + size + " bytes, before its header", REMEDY);
    }
    long length = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > MAX_HEADER) {
      String value = Long.toUnsignedString(length);
      throw new WeightException(
          file,
          0,
          "the header's length is " + value + " bytes, allowed are 2 to 100000000",
          REMEDY);
    }
    if (length > size - Long.BYTES) {
      String reason = "the header of %d bytes runs past the end of the file (%d bytes)";
      throw new WeightException(file, 0, reason.formatted(length, size), REMEDY);
    }
    if (bytes.get(ValueLayout.JAVA_BYTE, Long.BYTES) != '{') {
      throw new WeightException(file, Long.BYTES, "the header does not start with '{'", REMEDY);
    }
    Reading reading = new Reading(file);
    reading.header(new SegmentStream(bytes.asSlice(Long.BYTES, length).asByteBuffer()));
    long dataStart = Long.BYTES + length;
    reading.checkLayout(dataStart, size);
    return new SafetensorsHeader(dataStart, reading.entries, reading.metadata);
  }

  /**
   * The header's bytes for tensors stored one after the other, padded with spaces so that the data
   * start at a multiple of eight.
   */
  static byte[] encode(List<StoredTensor> tensors, Map<String, String> metadata) {
    Set<String> names = new HashSet<>(Set.of(METADATA));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeObjectFieldStart(METADATA);
      for (Map.Entry<String, String> e : metadata.entrySet()) {
        json.writeStringField(e.getKey(), e.getValue());
      }
      json.writeEndObject();
      long at = 0;
      for (StoredTensor t : tensors) {
        if (!names.add(t.name())) {
          throw new IllegalArgumentException("tensor name " + t.name() + " is taken already");
        }
        long end = at + t.bytes().byteSize();
        json.writeObjectFieldStart(t.name());
        json.writeStringField("dtype", t.type().name());
        writeLongs(json, "shape", t.shape());
        writeLongs(json, "data_offsets", at, end);
        json.writeEndObject();
        at = end;
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot encode a safetensors header", e);
    }
    byte[] header = Arrays.copyOf(out.toByteArray(), (out.size() + 7) / 8 * 8);
    Arrays.fill(header, out.size(), header.length, (byte) ' ');
    return header;
  }

  private static void writeLongs(JsonGenerator json, String field, long... values)
      throws IOException {
    json.writeFieldName(field);
    json.writeArray(values, 0, values.length);
  }

  /** One pass over a header; holds what was read so far. */
  private static final class Reading {
    private final Path file;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private JsonParser json;
    private String tensor;

    Reading(Path file) {
      this.file = file;
    }

    void header(InputStream in) {
      // A strict decoder: bytes that are no UTF-8 are an error, not a replacement character.
      try (JsonParser parser =
          JSON.createParser(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
        json = parser;
        next(JsonToken.START_OBJECT, "an object");
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = json.currentName();
          if (!names.add(name)) {
            throw broken("the name " + WeightException.printable(name) + " stands twice");
          }
          if (names.size() > MAX_ENTRIES) {
            throw broken("more than " + MAX_ENTRIES + " tensors");
          }
          if (name.equals(METADATA)) {
            readMetadata();
          } else {
            tensor = name;
            readEntry();
            tensor = null;
          }
        }
        if (json.nextToken() != null) {
          throw broken("something follows the header's object");
        }
      } catch (JsonProcessingException e) {
        throw broken("the header is no JSON as the format wants it: " + brief(e));
      } catch (IOException e) {
        throw broken("the header is not UTF-8");
      }
    }

    private void readMetadata() throws IOException {
      next(JsonToken.START_OBJECT, "an object of strings as __metadata__");
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        next(JsonToken.VALUE_STRING, "a string as metadata");
        if (metadata.put(key, json.getText()) != null) {
          throw broken("metadata " + WeightException.printable(key) + " stands twice");
        }
        if (metadata.size() > MAX_ENTRIES) {
          throw broken("more than " + MAX_ENTRIES + " metadata strings");
        }
      }
    }

    private void readEntry() throws IOException {
      ElementType type = null;
      long[] shape = null;
      long[] offsets = null;
      next(JsonToken.START_OBJECT, "an object as description");
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        if (field.equals("dtype") && type == null) {
          next(JsonToken.VALUE_STRING, "a string as dtype");
          type = readType();
        } else if (field.equals("shape") && shape == null) {
          shape = readLongs("shape", MAX_RANK);
        } else if (field.equals("data_offsets") && offsets == null) {
          offsets = readLongs("data_offsets", 2);
        } else {
          String shown = WeightException.printable(field);
          throw broken("the field " + shown + " is unknown or stands twice in the description");
        }
      }
      if (type == null || shape == null || offsets == null || offsets.length != 2) {
        throw broken("dtype, shape or two data_offsets are missing in the description");
      }
      entries.add(checked(type, shape, offsets));
    }

    private ElementType readType() throws IOException {
      String name = json.getText();
      return ElementType.ofSafetensors(name)
          .orElseThrow(
              () ->
                  new WeightException(
                      file,
                      offset(),
                      "the dtype is " + WeightException.printable(name) + ofTensor(),
                      "Save the weights in one of " + Arrays.toString(ElementType.values()) + "."));
    }

    private long[] readLongs(String what, int most) throws IOException {
      long[] values = new long[4];
      int count = 0;
      next(JsonToken.START_ARRAY, "an array");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
          throw broken("expected whole numbers as " + what);
        }
        if (count == most) {
          throw broken("more than " + most + " numbers as " + what);
        }
        if (json.getLongValue() < 0) {
          throw broken("negative number " + json.getLongValue() + " in " + what);
        }
        if (count == values.length) {
          values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = json.getLongValue();
      }
      return Arrays.copyOf(values, count);
    }

    private Entry checked(ElementType type, long[] shape, long[] offsets) {
      long given = offsets[1] - offsets[0];
      if (given < 0) {
        throw broken("data_offsets end at " + offsets[1] + ", before their start " + offsets[0]);
      }
      long wanted;
      try {
        wanted = StoredTensor.byteSize(type, shape);
      } catch (IllegalArgumentException e) {
        throw broken(e.getMessage());
      }
      if (wanted != given) {
        String reason = "%s %s takes %d bytes, the data_offsets hold %d";
        throw broken(reason.formatted(type, Arrays.toString(shape), wanted, given));
      }
      return new Entry(tensor, type, shape, offsets[0], offsets[1]);
    }

    /** The tensors' bytes must cover the rest of the file, each byte once. */
    void checkLayout(long dataStart, long size) {
      entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      long at = 0;
      for (Entry e : entries) {
        if (e.begin() != at) {
          String fault =
              e.begin() < at ? " overlaps the tensor before it" : " leaves a gap before it";
          String where = ": starts at %d, expected %d".formatted(e.begin(), at);
          String reason = "tensor " + WeightException.printable(e.name()) + fault + where;
          throw new WeightException(
              file, inFile(dataStart, Math.min(e.begin(), at)), reason, REMEDY);
        }
        at = e.end();
      }
      if (at != size - dataStart) {
        long end = inFile(dataStart, at);
        String reason = "the header tells of %d bytes of tensors, the file holds %d";
        throw new WeightException(
            file, Math.min(end, size), reason.formatted(at, size - dataStart), REMEDY);
      }
    }

    private static long inFile(long dataStart, long offset) {
      long sum = dataStart + offset;
      return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private void next(JsonToken wanted, String what) throws IOException {
      if (json.nextToken() != wanted) {
        throw broken("expected " + what);
      }
    }

    private WeightException broken(String reason) {
      return new WeightException(file, offset(), reason + ofTensor(), REMEDY);
    }

    private String ofTensor() {
      return tensor == null ? "" : " (tensor " + WeightException.printable(tensor) + ")";
    }

    /** Exact as long as the names before are ASCII, near otherwise: Jackson counts characters. */
    private long offset() {
      return Long.BYTES + Math.max(0, json.currentTokenLocation().getCharOffset());
    }

    private static String brief(JsonProcessingException e) {
      String message = WeightException.printable(e.getOriginalMessage());
      return message.substring(1, message.length() - 1);
    }
  }

  /** Reads a mapped header without copying it whole to the heap. */
  private static final class SegmentStream extends InputStream {
    private final ByteBuffer buffer;

    SegmentStream(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public int read() {
      return buffer.hasRemaining() ? buffer.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int from, int length) {
      if (!buffer.hasRemaining()) {
        return -1;
      }
      int count = Math.min(length, buffer.remaining());
      buffer.get(target, from, count);
      return count;
    }
  }
}
