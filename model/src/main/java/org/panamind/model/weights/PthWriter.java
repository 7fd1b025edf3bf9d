package org.panamind.model.weights;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Writes a state dict in the form of {@code torch.save}: a pickle of protocol 2 that rebuilds each
 * tensor from a storage of the same archive. Strings and globals are written out each time; a memo
 * would save some bytes of a small part of the file.
 */
final class PthWriter {
  private static final String FOLDER = "archive/";

  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private final Map<StorageKey, Integer> storages = new LinkedHashMap<>();

  private PthWriter() {}

  static void write(Path file, Collection<StoredTensor> tensors) {
    PthWriter writer = new PthWriter();
    writer.stateDict(tensors);
    ZipWriter zip = new ZipWriter();
    zip.add(FOLDER + "data.pkl", MemorySegment.ofArray(writer.pickle.toByteArray()));
    zip.add(FOLDER + "byteorder", ascii("little"));
    writer.storages.forEach((key, number) -> zip.add(FOLDER + "data/" + number, key.bytes()));
    zip.add(FOLDER + "version", ascii("3\n"));
    zip.write(file);
  }

  private void stateDict(Collection<StoredTensor> tensors) {
    Set<String> names = new HashSet<>();
    opcode(0x80); // PROTO
    opcode(2);
    global("collections", "OrderedDict");
    opcode(')');
    opcode('R');
    opcode('(');
    for (StoredTensor t : tensors) {
      if (!names.add(t.name())) {
        throw new IllegalArgumentException("tensor name " + t.name() + " is taken already");
      }
      text(t.name());
      tensor(t);
    }
    opcode('u');
    opcode('.');
  }

  /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)}. */
  private void tensor(StoredTensor t) {
    long[] shape = t.shape();
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      // torch's rule for empty tensors, too.
      stride *= Math.max(shape[i], 1);
    }
    global("torch._utils", "_rebuild_tensor_v2");
    opcode('(');
    storage(t);
    integer(0);
    longs(shape);
    longs(strides);
    opcode(0x89); // NEWFALSE
    global("collections", "OrderedDict");
    opcode(')');
    opcode('R');
    opcode('t');
    opcode('R');
  }

  /** The persistent id {@code ("storage", class, key, device, count)}. */
  private void storage(StoredTensor t) {
    int number = storages.computeIfAbsent(StorageKey.of(t), k -> storages.size());
    opcode('(');
    text("storage");
    global("torch", t.type().torchStorage());
    text(Integer.toString(number));
    text("cpu");
    integer(t.elementCount());
    opcode('t');
    opcode('Q');
  }

  private void longs(long[] values) {
    opcode('(');
    for (long v : values) {
      integer(v);
    }
    opcode('t');
  }

  private void integer(long value) {
    if (value == (int) value) {
      opcode('J');
      pickle.writeBytes(little(4).putInt((int) value).array());
    } else {
      opcode(0x8a); // LONG1
      opcode(Long.BYTES);
      pickle.writeBytes(little(Long.BYTES).putLong(value).array());
    }
  }

  private void text(String value) {
    byte[] raw = value.getBytes(StandardCharsets.UTF_8);
    opcode('X');
    pickle.writeBytes(little(4).putInt(raw.length).array());
    pickle.writeBytes(raw);
  }

  private void global(String module, String name) {
    pickle.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void opcode(int value) {
    pickle.write(value);
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static MemorySegment ascii(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
  }
}
