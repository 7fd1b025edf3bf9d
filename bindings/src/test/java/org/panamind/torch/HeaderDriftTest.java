package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.torch.ffi.Panamind;
import org.panamind.torch.ffi.pm_gradient_hook;
import org.panamind.torch.ffi.pm_value;

/** The header, the generated package and the library say the same, without jextract at hand. */
class HeaderDriftTest {
  private static final String REGENERATE =
      "the generated package is not the header's; run mvn -Pjextract -Djextract.home=FOLDER -pl"
          + " bindings generate-sources: ";
  private static String headerText;

  @BeforeAll
  static void readHeader() throws IOException {
    NativeLibrary.enter(); // the generated classes look their symbols up when they are initialized
    try (var in = NativeLibrary.class.getResourceAsStream("/native/panamind.h")) {
      headerText = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void generatedFunctionsConstantsAndStructsAreTheHeaders() throws ReflectiveOperationException {
    assertEquals(List.of(), differences(CHeader.parse(headerText), generated()), REGENERATE);
  }

  @Test
  void libraryHasEveryFunctionOfTheHeader() {
    var symbols = SymbolLookup.loaderLookup();
    var functions = new TreeSet<>(CHeader.parse(headerText).functions().keySet());
    functions.remove("pm_gradient_hook");
    functions.removeIf(name -> symbols.find(name).isPresent());
    assertEquals(new TreeSet<>(), functions);
  }

  @Test
  void readerFindsAllThatTheHeaderDeclares() {
    var header = CHeader.parse(headerText);
    long declared = headerText.lines().filter(line -> line.startsWith("PM_API ")).count();
    assertTrue(declared > 50, "functions " + declared);
    assertEquals(declared + 1, header.functions().size());
    long defined =
        headerText.lines().filter(line -> line.matches("#define PM_\\w+ +\\d.*")).count();
    assertEquals(defined, header.constants().size());
    assertEquals(3, header.structs().get("pm_value").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          int64_t step, double grad_scale           | int32_t step, double grad_scale
          double lr, double beta1                   | double lr
          int32_t pm_seed(int64_t seed)             | int32_t pm_seed(void)
          int32_t pm_seed(int64_t seed)             | int64_t pm_seed(int64_t seed)
          int32_t pm_seed(int64_t seed)             | int32_t pm_sow(int64_t seed)
          int64_t pm_live_tensors(void)             | int64_t pm_live_tensors(pm_tensor one)
          #define PM_TENSOR_LIST 9                  | #define PM_TENSOR_LIST 12
          #define PM_TENSOR_LIST 9                  | #define PM_LIST_OF_TENSORS 9
          (*pm_gradient_hook)(void* context,        | (*pm_gradient_hook)(double context,
          int64_t payload; /* the value             | int32_t payload; /* the value
          """)
  void aChangedHeaderIsFound(String now, String changed) throws ReflectiveOperationException {
    assertTrue(headerText.contains(now), now);
    var mutated = CHeader.parse(headerText.replace(now, changed));
    var differences = differences(mutated, generated());
    assertTrue(!differences.isEmpty(), changed);
  }

  /** One line for each name that both sides do not have alike. */
  private static List<String> differences(CHeader header, CHeader generated) {
    var lines = new ArrayList<String>();
    compare("function", header.functions(), generated.functions(), lines);
    compare("constant", header.constants(), generated.constants(), lines);
    compare("struct", header.structs(), generated.structs(), lines);
    return lines;
  }

  private static <T> void compare(
      String kind, Map<String, T> header, Map<String, T> generated, List<String> lines) {
    var names = new TreeSet<>(header.keySet());
    names.addAll(generated.keySet());
    for (var name : names) {
      T there = header.get(name);
      T here = generated.get(name);
      if (there == null || !there.equals(here)) {
        lines.add(kind + " " + name + ": header " + there + ", generated " + here);
      }
    }
  }

  private static CHeader generated() throws ReflectiveOperationException {
    Map<String, FunctionDescriptor> functions = new TreeMap<>();
    Map<String, Integer> constants = new TreeMap<>();
    for (var method : Panamind.class.getMethods()) {
      var name = method.getName();
      if (name.endsWith("$descriptor")) {
        var descriptor = (FunctionDescriptor) method.invoke(null);
        functions.put(name.substring(0, name.length() - "$descriptor".length()), plain(descriptor));
      } else if (name.startsWith("PM_") && method.getParameterCount() == 0) {
        constants.put(name, (Integer) method.invoke(null));
      }
    }
    functions.put("pm_gradient_hook", plain(pm_gradient_hook.descriptor()));
    var members =
        ((StructLayout) pm_value.layout())
            .memberLayouts().stream().map(HeaderDriftTest::plain).toList();
    return new CHeader(functions, constants, Map.of("pm_value", members));
  }

  private static FunctionDescriptor plain(FunctionDescriptor descriptor) {
    var arguments =
        descriptor.argumentLayouts().stream()
            .map(HeaderDriftTest::plain)
            .toArray(MemoryLayout[]::new);
    return descriptor
        .returnLayout()
        .map(result -> FunctionDescriptor.of(plain(result), arguments))
        .orElseGet(() -> FunctionDescriptor.ofVoid(arguments));
  }

  /** Without names and without what a pointer points to: neither is in the binary interface. */
  private static MemoryLayout plain(MemoryLayout layout) {
    return layout instanceof AddressLayout ? ValueLayout.ADDRESS : layout.withoutName();
  }
}
