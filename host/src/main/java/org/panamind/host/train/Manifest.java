package org.panamind.host.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * Names, sizes and CRC32C sums of a checkpoint's files; written last, so that its presence says
 * that all are there.
 *
 * @param files by name
 */
record Manifest(Map<String, Entry> files) {
  static final String NAME = "manifest.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Checks that nothing is missing. */
  Manifest {
    Objects.requireNonNull(files, "files");
    files.forEach((name, entry) -> Objects.requireNonNull(entry, name));
  }

  /**
   * One file.
   *
   * @param bytes its size
   * @param crc32c its sum
   */
  record Entry(long bytes, long crc32c) {}

  static Manifest of(Path folder, List<String> names) throws IOException {
    var files = new LinkedHashMap<String, Entry>();
    for (String name : names) files.put(name, entry(folder.resolve(name)));
    return new Manifest(files);
  }

  private static Entry entry(Path file) throws IOException {
    var sum = new CRC32C();
    try (InputStream in = new CheckedInputStream(Files.newInputStream(file), sum)) {
      var buffer = new byte[1 << 20];
      long bytes = 0;
      for (int count; (count = in.read(buffer)) >= 0; ) bytes += count;
      return new Entry(bytes, sum.getValue());
    }
  }

  byte[] json() throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
  }

  static Manifest read(Path folder) throws IOException {
    var read = JSON.readValue(folder.resolve(NAME).toFile(), Manifest.class);
    if (read == null) throw new IOException("it says null");
    return read;
  }

  /** What is wrong with the folder's files, or null when all are as they were written. */
  String fault(Path folder) throws IOException {
    for (var named : files.entrySet()) {
      String fault = fault(folder.resolve(named.getKey()), named.getValue());
      if (fault != null) return named.getKey() + fault;
    }
    try (Stream<Path> present = Files.list(folder)) {
      return present
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(NAME) && !files.containsKey(name))
          .findFirst()
          .map(name -> name + " is not in " + NAME)
          .orElse(null);
    }
  }

  private static String fault(Path file, Entry written) throws IOException {
    if (!Files.isRegularFile(file)) return " is missing";
    long bytes = Files.size(file);
    if (bytes != written.bytes)
      return " has %d bytes, %d were written".formatted(bytes, written.bytes);
    if (entry(file).crc32c != written.crc32c) return " differs from what was written (CRC32C)";
    return null;
  }
}
