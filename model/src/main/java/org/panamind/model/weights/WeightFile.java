package org.panamind.model.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An open weight file: its tensors lie in a read-only mapping that lives until {@link #close()}.
 * Reading a tensor's bytes afterwards throws {@link IllegalStateException}. Any thread may read.
 */
public final class WeightFile implements AutoCloseable {
  private final Path path;
  private final Arena arena;
  private final LinkedHashMap<String, StoredTensor> tensors;
  private final Map<String, String> metadata;
  private final List<WeightFile> sources;

  /** Takes over {@code arena}, which holds the tensors' bytes. */
  WeightFile(
      Path path,
      Arena arena,
      LinkedHashMap<String, StoredTensor> tensors,
      Map<String, String> metadata) {
    this(path, arena, tensors, metadata, List.of());
  }

  /** Takes over {@code arena} and {@code sources}, which together hold the tensors' bytes. */
  WeightFile(
      Path path,
      Arena arena,
      LinkedHashMap<String, StoredTensor> tensors,
      Map<String, String> metadata,
      List<WeightFile> sources) {
    this.path = path;
    this.arena = arena;
    this.tensors = tensors;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.sources = sources;
  }

  /**
   * The same weights under other names or in other pieces.
   *
   * @param renamed tensors over this file's bytes or over bytes of {@code arena}
   * @param arena taken over
   * @return closing it closes this file too
   * @throws WeightException if a name stands twice
   */
  public WeightFile as(Collection<StoredTensor> renamed, Arena arena) {
    var byName = new LinkedHashMap<String, StoredTensor>();
    for (StoredTensor tensor : renamed) {
      if (byName.put(tensor.name(), tensor) != null) {
        throw new WeightException(
            path, -1, "two tensors mean " + tensor.name(), "Check what wrote these weights.");
      }
    }
    return new WeightFile(path, arena, byName, metadata, List.of(this));
  }

  /** The file that was opened. */
  public Path path() {
    return path;
  }

  /** The tensors by name, in the file's order; a fresh map over bytes that this file owns. */
  public LinkedHashMap<String, StoredTensor> tensors() {
    return new LinkedHashMap<>(tensors);
  }

  /** What a safetensors file says of itself ({@code format=pt}, ...); empty for a {@code .pth}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Ends the mapping, and with it every tensor's bytes. A second call does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    sources.forEach(WeightFile::close);
  }

  /**
   * Maps a whole file for reading.
   *
   * @throws WeightException if there is no such file, it is a folder or it is empty
   * @throws UncheckedIOException if it cannot be opened or mapped
   */
  static MemorySegment map(Path file, Arena arena) {
    if (Files.isDirectory(file)) {
      throw new WeightException(
          file, -1, "is a folder, not a weight file", "Give the file inside it.");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size == 0) {
        throw new WeightException(
            file, 0, "the file is empty", "Copy or download it again, or save the weights anew.");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    } catch (NoSuchFileException e) {
      throw new WeightException(
          file,
          -1,
          "no such weight file",
          "Check the path, or run the stage that writes it first.");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
