package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles that are hostile or broken. Each is given as the letters of its opcodes. */
class PthRefusalTest {
  private static final String STORAGE =
      "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuK\4tQ";
  private static final String REBUILD = "ctorch._utils\n_rebuild_tensor_v2\n";

  @TempDir Path folder;

  private WeightException refused(String pickle) {
    byte[] bytes = Fixtures.pth(folder, Fixtures.latin(pickle));
    Path file = Fixtures.write(folder, "bad.pth", bytes);
    WeightException e = assertThrows(WeightException.class, () -> PthFile.read(file).close());
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    return e;
  }

  private static String tensor(String offset, String shape, String strides) {
    return REBUILD + "(" + STORAGE + offset + shape + strides + "\u0089NtR";
  }

  @Test
  void acceptsTheGoodPickleThatTheBadOnesVary() {
    String pickle = "\u0080\2}X\1\0\0\0w" + tensor("K\0", "K\4\u0085", "K\1\u0085") + "s.";
    Path file = Fixtures.write(folder, "good.pth", Fixtures.pth(folder, Fixtures.latin(pickle)));
    try (PthFile read = PthFile.read(file)) {
      assertEquals(4, read.stateDict().get("w").elementCount());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0080\2cos\nsystem\n(X\4\0\0\0echotR.",
        "\u0080\2cposix\nsystem\nX\4\0\0\0echo\u0085R.",
        "\u0080\2c__builtin__\neval\n(X\1\0\0\0001tR.",
        "\u0080\2cbuiltins\nexec\n(X\1\0\0\0001tR.",
        "\u0080\2csubprocess\nPopen\n(tR.",
        "\u0080\2ctorch\nload\n(X\1\0\0\0xtR.",
        "\u0080\2ctorch.hub\nload\n(X\1\0\0\0xtR.",
        "\u0080\2ctorch._utils\n_rebuild_device_tensor_from_numpy\n.",
        "\u0080\2ctorch._utils\n_rebuild_tensor\n.",
        "\u0080\2ctorch.storage\n_load_from_bytes\n.",
        "\u0080\2ctorch.jit._pickle\nrestore_type_tag\n.",
        "\u0080\2ccollections\nOrderedDict.__init__.__globals__\n.",
        "\u0080\2ctorch\nos.system\n.",
        "\u0080\2c_codecs\nencode\n.",
        "\u0080\4\u008c\2os\u0094\u008c\6system\u0094\u0093\u0094.",
        "\u0080\4\u008c\2osq\1\u008c\6systemq\2h\1h\2\u0093.",
      })
  void refusesEveryForeignGlobal(String pickle) {
    WeightException e = refused(pickle);
    assertTrue(e.getMessage().contains("the pickle wants \""), e.getMessage());
    assertTrue(e.getMessage().contains("which is not allowed"), e.getMessage());
  }

  static Stream<Arguments> broken() {
    String four = "K\4\u0085";
    String one = "K\1\u0085";
    return Stream.of(
        Arguments.of("i", "\u0080\2(ios\nsystem\n.", "opcode 0x69 'i'"),
        Arguments.of("o", "\u0080\2(ccollections\nOrderedDict\no.", "opcode 0x6f 'o'"),
        Arguments.of("newobj", "\u0080\2ccollections\nOrderedDict\n)\u0081.", "opcode 0x81"),
        Arguments.of("extension", "\u0080\2\u0082\1.", "opcode 0x82"),
        Arguments.of("old protocol", "\u0080\0N.", "protocol 0"),
        Arguments.of("new protocol", "\u0080\5N.", "protocol 5"),
        Arguments.of("underflow", "\u0080\2R.", "more from its stack"),
        Arguments.of("empty", "\u0080\2.", "more from its stack"),
        Arguments.of("below the mark", "\u0080\2NN(\u0086.", "more from its stack"),
        Arguments.of("no mark", "\u0080\2t.", "no mark"),
        Arguments.of("left over", "\u0080\2NN.", "values over"),
        Arguments.of("mark left", "\u0080\2N(N.", "values over"),
        Arguments.of("no end", "\u0080\2N", "ends within"),
        Arguments.of("trailing", "\u0080\2N.N", "follows the pickle"),
        Arguments.of("memo unset", "\u0080\2h\5.", "memo index 5 was never set"),
        Arguments.of("memo huge", "\u0080\2Nr\u00ff\u00ff\u00ff\u00ff.", "memo index 4294967295"),
        Arguments.of("string", "\u0080\2X\u00ff\u00ff\u00ff\u007fa.", "ends within"),
        Arguments.of(
            "string8",
            "\u0080\4\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.",
            "ends within"),
        Arguments.of("not utf-8", "\u0080\2X\1\0\0\0\u00ff.", "UTF-8"),
        Arguments.of("wide integer", "\u0080\2\u008a\t123456789.", "9 bytes"),
        Arguments.of("frame", "\u0080\4\u0095\u00ff\0\0\0\0\0\0\0N.", "frame"),
        Arguments.of("long global", "\u0080\2c" + "a".repeat(500) + "\nb\n.", "longer than 200"),
        Arguments.of("call a string", "\u0080\2X\1\0\0\0a)R.", "calls something"),
        Arguments.of("call a storage", "\u0080\2ctorch\nFloatStorage\n)R.", "calls something"),
        Arguments.of(
            "call without tuple", "\u0080\2ccollections\nOrderedDict\nNR.", "calls something"),
        Arguments.of("dict arguments", "\u0080\2ccollections\nOrderedDict\nN\u0085R.", "arguments"),
        Arguments.of("global by number", "\u0080\4K\1K\2\u0093.", "two strings"),
        Arguments.of("build a list", "\u0080\2]}b.", "no dict"),
        Arguments.of("set on a list", "\u0080\2]K\1K\2s.", "no dict"),
        Arguments.of("half a pair", "\u0080\2}(K\1u.", "half a pair"),
        Arguments.of("list as key", "\u0080\2}]Ns.", "neither a string nor"),
        Arguments.of("key twice", "\u0080\2}K\1NsK\1Ns.", "stands twice"),
        Arguments.of("append to a dict", "\u0080\2}Na.", "no list"),
        Arguments.of("class as value", "\u0080\2ctorch\nHalfStorage\n.", "stands for a value"),
        Arguments.of("function as value", "\u0080\2]" + REBUILD + "a.", "stands for a value"),
        Arguments.of("bare storage", "\u0080\2" + STORAGE + ".", "stands for a value"),
        Arguments.of("persistent id", "\u0080\2X\1\0\0\0aQ.", "typed storage"),
        Arguments.of(
            "storage's name",
            "\u0080\2" + STORAGE.replace("\0000X", "\0001X") + ".",
            "not in the archive"),
        Arguments.of(
            "storage's size", "\u0080\2" + STORAGE.replace("K\4", "K\5") + ".", "16 bytes"),
        Arguments.of(
            "storage's type",
            "\u0080\2" + STORAGE + STORAGE.replace("Float", "Int") + ".",
            "16 bytes"),
        Arguments.of("beyond", "\u0080\2" + tensor("K\1", four, one) + ".", "reaches element 4"),
        Arguments.of(
            "negative offset",
            "\u0080\2" + tensor("J\u00ff\u00ff\u00ff\u00ff", four, one) + ".",
            "negative"),
        Arguments.of(
            "negative size",
            "\u0080\2" + tensor("K\0", "J\u00ff\u00ff\u00ff\u00ff\u0085", one) + ".",
            "negative"),
        Arguments.of(
            "negative stride",
            "\u0080\2" + tensor("K\3", four, "J\u00ff\u00ff\u00ff\u00ff\u0085") + ".",
            "negative"),
        Arguments.of("ranks", "\u0080\2" + tensor("K\0", four, ")") + ".", "1 sizes and 0 strides"),
        Arguments.of(
            "rank",
            "\u0080\2"
                + tensor("K\0", "(" + "K\1".repeat(99) + "t", "(" + "K\1".repeat(99) + "t")
                + ".",
            "99 sizes"),
        Arguments.of(
            "overflow",
            "\u0080\2" + tensor("K\0", "(\u008a\10aaaaaaaa\u008a\10aaaaaaaat", "(K\0K\0t") + ".",
            "too large"),
        Arguments.of(
            "stride overflow",
            "\u0080\2" + tensor("K\0", "K\3\u0085", "\u008a\10aaaaaaaa\u0085") + ".",
            "too large"),
        Arguments.of(
            "expanded",
            "\u0080\2" + tensor("K\0", "J\0\0\0\7\u0085", "K\0\u0085") + ".",
            "expanded view"),
        Arguments.of(
            "hooks",
            "\u0080\2" + tensor("K\0", four, one).replace("\u0089N", "\u0089}K\1Ns") + ".",
            "without hooks"),
        Arguments.of(
            "conjugate",
            "\u0080\2" + tensor("K\0", four, one).replace("\u0089N", "\u0089N}K\1Ns") + ".",
            "without hooks"),
        Arguments.of("holds itself", "\u0080\2]q\0h\0a.", "contain themselves"),
        Arguments.of("dict holds itself", "\u0080\2}q\0K\1h\0s.", "contain themselves"),
        Arguments.of(
            "deep", "\u0080\2" + "]".repeat(100_000) + "a".repeat(99_999) + ".", "64 deep"),
        Arguments.of("deep tuples", "\u0080\2N" + "\u0085".repeat(1_000_000) + ".", "64 deep"),
        Arguments.of(
            "doubling", "\u0080\2Nq\0" + "h\0\u0086q\0".repeat(60) + ".", "unfold to more"),
        Arguments.of("steps", "\u0080\2" + "]".repeat(4_000_001) + ".", "more than 4000000 steps"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void refusesABrokenPickle(String name, String pickle, String reason) {
    WeightException e = refused(pickle);
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void manyStridedViewsOfOneStorageCannotFillTheMemory() {
    StringBuilder pickle = new StringBuilder("\u0080\2](");
    for (int stride = 0; stride < 256; stride++) {
      // An axis of size 1 may have any stride, so each is another view to copy.
      String strides = "K\1K\u0080K" + (char) stride + "\u0087";
      pickle.append(tensor("K\0", "K\u0080K\u0080K\1\u0087", strides));
    }
    ZipWriter zip = new ZipWriter();
    String text = pickle.toString().replace("cpuK\4", "cpuM\0\u0040") + "e.";
    zip.add("archive/data.pkl", MemorySegment.ofArray(Fixtures.latin(text)));
    zip.add("archive/data/0", MemorySegment.ofArray(new byte[128 * 128 * 4]));
    Path file = folder.resolve("views.pth");
    zip.write(file);
    WeightException e = assertThrows(WeightException.class, () -> PthFile.read(file).close());
    assertTrue(e.getMessage().contains("many times the file's size"), e.getMessage());
  }

  @Test
  void namesWhatAFileHoldsInsteadOfTensors() {
    String pickle = "\u0080\2}X\1\0\0\0aN" + "s.";
    Path file = Fixtures.write(folder, "a.pth", Fixtures.pth(folder, Fixtures.latin(pickle)));
    WeightException e = assertThrows(WeightException.class, () -> Weights.open(file).close());
    assertTrue(e.getMessage().contains("\"a\" is no tensor but None"), e.getMessage());
  }
}
