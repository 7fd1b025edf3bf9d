package org.panamind.host.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    return JSON.readValue(folder.resolve(NAME).toFile(), Manifest.class);
  }

  /** What is wrong with the folder's files, or null when all are as they were written. */
  String fault(Path folder) throws IOException {
    for (var named : files.entrySet()) {
      Path file = folder.resolve(named.getKey());
      if (!Files.isRegularFile(file)) return named.getKey() + " is missing";
      long bytes = Files.size(file);
      if (bytes != named.getValue().bytes) {
        return named.getKey()
            + " has "
            + bytes
            + " bytes, "
            + named.getValue().bytes
            + " were written";
      }
      if (entry(file).crc32c != named.getValue().crc32c) {
        return named.getKey() + " differs from what was written (CRC32C)";
      }
    }
    return null;
  }
}
