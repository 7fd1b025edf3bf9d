package org.panamind.model.weights;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of {@code torch.save}, as torch 1.6 and later write it: a zip of a pickle and of the
 * tensors' bytes. Reading constructs nothing but {@link PickleValue}s, whatever the pickle asks
 * for.
 */
public final class PthFile implements AutoCloseable {
  private static final List<String> NESTED = List.of("model", "state_dict");
  private static final String RESAVE =
      "Load it in Python (torch 1.6 or later) and write it again with torch.save.";

  private final Path path;
  private final Arena arena;
  private final PickleValue root;

  private PthFile(Path path, Arena arena, PickleValue root) {
    this.path = path;
    this.arena = arena;
    this.root = root;
  }

  /**
   * Opens a file. Contiguous tensors are slices of its mapping, strided ones are copied.
   *
   * @return the open file; the caller closes it
   * @throws WeightException if there is no such file, it is damaged, of the old format without zip,
   *     or its pickle wants anything besides tensors and plain containers
   * @throws UncheckedIOException if it cannot be read
   */
  public static PthFile read(Path path) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment bytes = WeightFile.map(path, arena);
      requireZip(path, bytes);
      ZipArchive zip = new ZipArchive(path, bytes);
      ZipArchive.Entry pickle = findPickle(path, zip);
      String prefix = pickle.name().substring(0, pickle.name().indexOf('/') + 1);
      requireLittleEndian(path, zip, prefix);
      TorchStorages storages = new TorchStorages(zip, prefix, arena, bytes.byteSize());
      MemorySegment code = zip.content(pickle);
      PickleItem result = new Unpickler(path, pickle.dataOffset(), code, storages).run();
      return new PthFile(path, arena, PickleTree.of(result));
    } catch (TorchStorages.Refused e) {
      arena.close();
      throw new WeightException(path, -1, e.getMessage(), RESAVE);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Writes a state dict whole or not at all; {@code torch.load} reads it, with {@code
   * weights_only=True} too. The same input gives the same bytes.
   *
   * @param tensors in the order of the dict; those with one segment and type share a storage, as
   *     tied weights do in Python
   * @throws IllegalArgumentException if a name stands twice
   * @throws UncheckedIOException if the file cannot be written; an older one is intact then
   */
  public static void write(Path path, Collection<StoredTensor> tensors) {
    PthWriter.write(path, tensors);
  }

  /** Everything the file holds. */
  public PickleValue root() {
    return root;
  }

  /**
   * The weights by parameter name: the file itself when it is a dict of tensors, else its entry
   * {@code model} or {@code state_dict}, as in files to resume from.
   *
   * @return tensors whose bytes this file owns
   * @throws WeightException if neither is a dict of tensors
   */
  public LinkedHashMap<String, StoredTensor> stateDict() {
    if (!(root instanceof PickleValue.Dict dict)) {
      throw new WeightException(
          path, -1, "holds no dict of tensors", "Save model.state_dict() from Python.");
    }
    for (String key : NESTED) {
      if (dict.get(key) instanceof PickleValue.Dict nested) {
        return tensors(nested, key + ".");
      }
    }
    return tensors(dict, "");
  }

  /** Ends the mapping and the tensors' bytes. A second call does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /** The same file as weights alone; closing either closes both. */
  WeightFile asWeights() {
    return new WeightFile(path, arena, stateDict(), Map.of());
  }

  private LinkedHashMap<String, StoredTensor> tensors(PickleValue.Dict dict, String where) {
    LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<PickleValue, PickleValue> e : dict.entries().entrySet()) {
      if (e.getKey() instanceof PickleValue.Text(String name)
          && e.getValue() instanceof PickleValue.Tensor(StoredTensor tensor)) {
        tensors.put(name, tensor.renamed(name));
      } else {
        String key = e.getKey() instanceof PickleValue.Text(String s) ? s : "(integer)";
        String shown = WeightException.printable(where + key);
        String kind = e.getValue().getClass().getSimpleName();
        throw new WeightException(
            path, -1, "entry " + shown + " is no tensor but " + kind, "Save model.state_dict().");
      }
    }
    return tensors;
  }

  private static void requireZip(Path path, MemorySegment bytes) {
    int first = bytes.get(ValueLayout.JAVA_BYTE, 0) & 0xFF;
    if (first == 0x80) {
      throw new WeightException(
          path, 0, "is of torch.save's old format without a zip around it", RESAVE);
    }
    if (first != 'P' || bytes.byteSize() < 4 || bytes.get(ValueLayout.JAVA_BYTE, 1) != 'K') {
      throw new WeightException(
          path, 0, "does not start as a file of torch.save does (PK)", "Check that it is a .pth.");
    }
  }

  private static ZipArchive.Entry findPickle(Path path, ZipArchive zip) {
    List<ZipArchive.Entry> found =
        zip.entries().values().stream()
            .filter(e -> e.name().indexOf('/') == e.name().length() - "/data.pkl".length())
            .filter(e -> e.name().endsWith("/data.pkl"))
            .toList();
    if (found.size() != 1) {
      String reason =
          "the zip has " + found.size() + " entries NAME/data.pkl, torch.save writes one";
      throw new WeightException(path, -1, reason, RESAVE);
    }
    return found.getFirst();
  }

  private static void requireLittleEndian(Path path, ZipArchive zip, String prefix) {
    ZipArchive.Entry entry = zip.entries().get(prefix + "byteorder");
    if (entry == null) {
      return;
    }
    byte[] little = "little".getBytes(StandardCharsets.US_ASCII);
    if (entry.size() != little.length
        || zip.content(entry).mismatch(MemorySegment.ofArray(little)) != -1) {
      throw new WeightException(
          path,
          entry.dataOffset(),
          "was written on a big-endian machine",
          "Load it in Python there or here and write it again.");
    }
  }
}
