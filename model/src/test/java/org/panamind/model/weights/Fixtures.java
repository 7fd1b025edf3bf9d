package org.panamind.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Files and tensors that the weight tests share. */
final class Fixtures {
  private Fixtures() {}

  /** A file of {@code src/test/resources}. */
  static Path resource(String name) {
    try {
      return Path.of(Fixtures.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One tensor of each element type with seeded bytes, a scalar, an empty one and a tied pair. */
  static List<StoredTensor> tensors(long seed) {
    Random random = new Random(seed);
    List<StoredTensor> tensors = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      byte[] bytes = new byte[15 * type.width()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) random.nextInt(type == ElementType.BOOL ? 2 : 256);
      }
      tensors.add(
          new StoredTensor("t." + type, type, new long[] {3, 5}, MemorySegment.ofArray(bytes)));
    }
    tensors.add(StoredTensor.ofFloats("scalar", new float[] {2.5f}));
    tensors.add(StoredTensor.ofFloats("empty.名", new float[0], 0, 4));
    StoredTensor tied = StoredTensor.ofFloats("tied.a", new float[] {1, 2, 3, 4}, 2, 2);
    tensors.add(tied);
    tensors.add(tied.renamed("tied.b"));
    return tensors;
  }

  /** A safetensors file of a header and of data, with the true length in front. */
  static byte[] safetensors(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + text.length + dataBytes);
    out.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text);
    return out.array();
  }

  /** A file as torch.save makes it around a pickle of ours and one storage of 16 bytes. */
  static byte[] pth(Path folder, byte[] pickle) {
    ZipWriter zip = new ZipWriter();
    zip.add("archive/data.pkl", MemorySegment.ofArray(pickle));
    zip.add("archive/data/0", MemorySegment.ofArray(new byte[16]));
    Path file = folder.resolve("made.pth");
    zip.write(file);
    return read(file);
  }

  /** Bytes of a pickle given as Latin-1 text. */
  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path folder, String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(StoredTensor tensor) {
    return tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
  }

  /** Reads every byte of every tensor; the sum only keeps the reading from being dropped. */
  static long touch(WeightFile file) {
    long sum = 0;
    for (StoredTensor t : file.tensors().values()) {
      for (byte b : bytes(t)) {
        sum += b;
      }
    }
    return sum;
  }
}
