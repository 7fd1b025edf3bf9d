package org.panamind.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFolderTest {
  private static final StoredTensor A = StoredTensor.ofFloats("a", new float[] {1, 2}, 2);
  private static final StoredTensor B = StoredTensor.ofFloats("b", new float[] {3}, 1);
  private static final StoredTensor C = StoredTensor.ofFloats("c", new float[] {4, 5}, 1, 2);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "bin"})
  void readsPartsAsOneFile(String kind) throws IOException {
    var index = parts(kind);
    WeightFile file = WeightFolder.open(folder);
    assertEquals(index, file.path());
    assertEquals(List.of("c", "a", "b"), List.copyOf(file.tensors().keySet()));
    assertArrayEquals(new float[] {1, 2}, Precision.toFloats(file.tensors().get("a")));
    assertArrayEquals(new float[] {4, 5}, Precision.toFloats(file.tensors().get("c")));
    var bytes = file.tensors().get("b").bytes();
    file.close();
    assertThrows(IllegalStateException.class, () -> bytes.get(ValueLayout.JAVA_BYTE, 0));
    file.close();
  }

  @Test
  void takesSafetensorsBeforeBin() throws IOException {
    parts("bin");
    Safetensors.write(folder.resolve("model.safetensors"), List.of(B), Map.of());
    try (var file = WeightFolder.open(folder)) {
      assertEquals(folder.resolve("model.safetensors"), file.path());
    }
  }

  @Test
  void namesAllThatItLookedFor() {
    assertRefused(
        "has none of model.safetensors, model.safetensors.index.json, pytorch_model.bin,"
            + " pytorch_model.bin.index.json. Copy the folder again, whole.");
  }

  @Test
  void namesAPartThatIsMissing() throws IOException {
    parts("bin");
    Files.delete(folder.resolve("pytorch_model-2.bin"));
    assertRefused("pytorch_model.bin.index.json: names pytorch_model-2.bin, which is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'a': '1', 'b': '2', 'c': '2'} | says that "a" is in model-1.safetensors; it is not
          {'b': '1', 'a': '2'}           | does not say that "c" is in model-2.safetensors
          {'a': '2', 'b': '2', 'c': '2'} | says that "b" is in model-2.safetensors; it is not
          {'a': 3}                       | has a weight_map whose values are no file names
          {}                             | has no weight_map
          """)
  void anIndexThatIsNotTheFilesIsRefused(String map, String why) throws IOException {
    parts("safetensors");
    var json = map.replaceAll("'(\\d)'", "'model-$1.safetensors'").replace('\'', '"');
    index("safetensors", json);
    assertRefused(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../model-1.safetensors", "/etc/passwd", "a/b", ".."})
  void anIndexNamesNoFileOutsideTheFolder(String name) throws IOException {
    index("safetensors", "{\"a\": \"" + name + "\"}");
    assertRefused("names \"" + name + "\", which is no file's name");
  }

  @Test
  void anIndexThatIsNoJsonIsRefused() throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), "{");
    assertRefused("is no JSON");
  }

  private void assertRefused(String why) {
    var error = assertThrows(WeightException.class, () -> WeightFolder.open(folder).close());
    assertTrue(error.getMessage().contains(why), error::getMessage);
  }

  /** Part 1 has b, part 2 has a and c. */
  private Path parts(String kind) throws IOException {
    if (kind.equals("bin")) {
      PthFile.write(folder.resolve("pytorch_model-1.bin"), List.of(B));
      PthFile.write(folder.resolve("pytorch_model-2.bin"), List.of(A, C));
      return index(
          kind,
          "{\"c\": \"pytorch_model-2.bin\", \"a\": \"pytorch_model-2.bin\", \"b\":"
              + " \"pytorch_model-1.bin\"}");
    }
    Safetensors.write(folder.resolve("model-1.safetensors"), List.of(B), Map.of());
    Safetensors.write(folder.resolve("model-2.safetensors"), List.of(A, C), Map.of());
    return index(
        kind,
        "{\"c\": \"model-2.safetensors\", \"a\": \"model-2.safetensors\", \"b\":"
            + " \"model-1.safetensors\"}");
  }

  private Path index(String kind, String map) throws IOException {
    var name = (kind.equals("bin") ? "pytorch_model." : "model.") + kind + ".index.json";
    return Files.writeString(
        folder.resolve(name), "{\"metadata\": {}, \"weight_map\": " + map + "}");
  }
}
