package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What we write, Python's torch loads. Runs where a python3 imports torch, else is skipped. */
class PythonTorchTest {
  /** The second is Debian's python3-torch beside another python3 on the path. */
  private static final List<String> CANDIDATES = List.of("python3", "/usr/bin/python3");

  private static String python;

  @TempDir Path folder;

  @BeforeAll
  static void findTorch() throws Exception {
    for (String candidate : CANDIDATES) {
      if (python == null && run(candidate, "import torch; print('ok')").equals("ok\n")) {
        python = candidate;
      }
    }
    if (python == null) {
      System.out.println("PythonTorchTest is skipped: none of " + CANDIDATES + " imports torch");
    }
    assumeTrue(python != null, "no python3 here imports torch");
  }

  private static String run(String python, String program) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(python, "-c", program).redirectErrorStream(true).start();
    } catch (IOException e) {
      return "no " + python;
    }
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "python does not end");
    return output;
  }

  @ParameterizedTest
  @CsvSource({"False", "True"})
  void torchLoadGivesTheSameTensors(String weightsOnly) throws Exception {
    Path file = folder.resolve("a.pth");
    PthFile.write(file, numbered());
    String program =
        """
        import torch
        d = torch.load('%s', weights_only=%s)
        want = dict(F64=torch.float64, F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16,
                    I64=torch.int64, I32=torch.int32, I16=torch.int16, I8=torch.int8,
                    U8=torch.uint8, BOOL=torch.bool)
        assert type(d).__name__ == 'OrderedDict'
        assert list(d) == list(want) + ['scalar', 'empty', 'tied.a', 'tied.b'], list(d)
        for name, dtype in want.items():
            expected = torch.arange(6).reshape(2, 3)
            expected = (expected %% 2 if dtype == torch.bool else expected).to(dtype)
            assert d[name].dtype == dtype and torch.equal(d[name], expected), (name, d[name])
        assert d['scalar'].shape == () and d['scalar'] == 2.5
        assert d['empty'].shape == (0, 4)
        d['tied.a'][0] = 99
        assert d['tied.b'][0] == 99
        print('same')
        """;
    assertEquals("same\n", run(python, program.formatted(file, weightsOnly)));
  }

  @Test
  void bothDirectionsAgreeOnAFileOfTorch() throws Exception {
    Path source = Fixtures.resource("weights/kinds.pth");
    Path copy = folder.resolve("copy.pth");
    try (WeightFile read = Weights.open(source)) {
      PthFile.write(copy, read.tensors().values());
    }
    String program =
        """
        import torch
        a, b = torch.load('%s'), torch.load('%s', weights_only=True)
        assert list(a) == list(b)
        for name in a:
            assert a[name].dtype == b[name].dtype and torch.equal(a[name], b[name]), name
        assert b['tied_a'].data_ptr() == b['tied_b'].data_ptr()
        print('same')
        """;
    assertEquals("same\n", run(python, program.formatted(source, copy)));
  }

  @Test
  void pythonsZipfileFindsNoFault() throws Exception {
    Path plain = folder.resolve("a.pth");
    PthFile.write(plain, Fixtures.tensors(2));
    Path wide = folder.resolve("wide.zip");
    ZipWriter writer = new ZipWriter(0);
    writer.add("a/b", MemorySegment.ofArray(new byte[100]));
    writer.write(wide);
    for (Path file : List.of(plain, wide)) {
      String program = "import zipfile; print(zipfile.ZipFile('%s').testzip())";
      assertEquals("None\n", run(python, program.formatted(file)));
    }
  }

  /** Each type holds 0 to 5 (bool: 0, 1, 0, ...) as [2, 3]. */
  private static List<StoredTensor> numbered() {
    List<StoredTensor> tensors = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      byte[] bytes = new byte[6 * type.width()];
      for (int i = 0; i < 6; i++) {
        long bits =
            switch (type) {
              case F64 -> Double.doubleToLongBits(i);
              case F32 -> Float.floatToIntBits(i);
              case F16 -> Float.floatToFloat16(i);
              case BF16 -> Precision.floatToBfloat16(i);
              case BOOL -> i % 2;
              default -> i;
            };
        for (int b = 0; b < type.width(); b++) {
          bytes[i * type.width() + b] = (byte) (bits >> 8 * b);
        }
      }
      tensors.add(
          new StoredTensor(type.name(), type, new long[] {2, 3}, MemorySegment.ofArray(bytes)));
    }
    tensors.add(StoredTensor.ofFloats("scalar", new float[] {2.5f}));
    tensors.add(StoredTensor.ofFloats("empty", new float[0], 0, 4));
    StoredTensor tied = StoredTensor.ofFloats("tied.a", new float[] {1, 2}, 2);
    tensors.add(tied);
    tensors.add(tied.renamed("tied.b"));
    return tensors;
  }
}
