package org.panamind.host.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.host.HostCall;
import org.panamind.host.text.TinyModel;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.hub.HubFolder;
import org.panamind.model.lora.LoraAdapters;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class ExportTest {
  @TempDir Path folder;

  @BeforeEach
  void writeAModel() {
    TinyModel.in(folder);
  }

  @Test
  void aPthLoadsInPythonWithTheSameTensors() throws Exception {
    String python = pythonWithTorch();
    HostCall call =
        host("export --to pth --weight full_sft --dtype float32 --output " + in("a.pth"));
    assertEquals(0, call.code(), call.err());
    String program =
        """
        import json, struct, torch
        loaded = torch.load('%s', map_location='cpu')
        data = open('%s', 'rb').read()
        size = struct.unpack('<Q', data[:8])[0]
        header = json.loads(data[8:8 + size])
        header.pop('__metadata__', None)
        assert sorted(loaded) == sorted(header), sorted(loaded)
        for name, entry in header.items():
            begin, end = entry['data_offsets']
            raw = bytearray(data[8 + size + begin:8 + size + end])
            expected = torch.frombuffer(raw, dtype=torch.float32).reshape(entry['shape'])
            assert torch.equal(loaded[name], expected), name
        print(len(loaded), 'same')
        """
            .formatted(in("a.pth"), in("full_sft_32.safetensors"));
    assertEquals("21 same\n", run(python, program));
  }

  @ParameterizedTest
  @CsvSource({
    "pth, float32, a.pth, 0",
    "pth, none, a.pth, 5e-3",
    "safetensors, none, a.safetensors, 0",
    "hf, float32, a, 0",
    "hf, none, a, 5e-3",
    "hf, bfloat16, a, 4e-2"
  })
  void whatIsWrittenSaysWhatTheWeightsSay(String to, String type, String name, double tolerance) {
    HostCall call = host("export --to " + to + " --dtype " + type + " --output " + in(name));
    assertEquals(0, call.code(), call.err());
    assertTrue(call.out().startsWith(in(name) + ": 0.03 M parameters, "), call.out());
    try (var original = TinyModel.read(in("full_sft_32.safetensors"));
        var written = read(in(name))) {
      assertArrayEquals(logits(original), logits(written), (float) tolerance);
    }
  }

  @Test
  void aFolderForTransformersHasItsTokenizerAndIsAWeightItself() {
    assertEquals(0, host("export --to hf").code());
    Path hub = in("full_sft_32-hf");
    for (String file :
        List.of(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json")) {
      assertTrue(Files.isRegularFile(hub.resolve(file)), file);
    }
    HostCall call = HostCall.of(words("generate --max_new_tokens 4 --weight " + hub));
    assertEquals(0, call.code(), call.err());
  }

  @Test
  void mergedWeightsSayWhatBaseAndLowRankWeightsSayTogether() {
    TinyModel.lora(folder, "lora_identity");
    HostCall call = host("merge-lora --weight full_sft --lora_weight lora_identity");
    assertEquals(0, call.code(), call.err());
    try (var base = TinyModel.read(in("full_sft_32.safetensors"));
        var adapters = LoraAdapters.read(in("lora/lora_identity_32.safetensors"), base);
        var merged = TinyModel.read(in("full_sft_lora_identity_32.safetensors"))) {
      float[] together = logits(base);
      assertArrayEquals(together, logits(merged), 1e-5f);
      adapters.close();
      assertTrue(distance(together, logits(base)) > 1e-2, "the low-rank part must count");
    }
    assertEquals(0, host("generate --weight full_sft_lora_identity --max_new_tokens 2").code());
  }

  @Test
  void whatIsThereIsNotReplacedUnasked() throws IOException {
    Files.writeString(in("precious.pth"), "weeks of work");
    String line = "export --to pth --output " + in("precious.pth");
    assertEquals(
        new HostCall(
            64,
            "",
            "error: "
                + in("precious.pth")
                + " is there already; name another --output, or pass --overwrite to replace it\n"),
        host(line));
    assertEquals("weeks of work", Files.readString(in("precious.pth")));
    assertEquals(0, host(line + " --overwrite").code());
    TinyModel.read(in("precious.pth")).close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "export ~ --to is missing: hf, pth or safetensors",
        "export --to onnx ~ --to is \"onnx\", must be one of hf, pth, safetensors",
        "export --to safetensors --dtype float16 ~ safetensors keep float32; for --dtype float16"
            + " write hf or pth",
        "export --to pth --device tpu ~ --device is tpu, must be cpu, cuda or cuda:N",
        "merge-lora ~ --lora_weight is missing: a name in --save_dir/lora, or a file",
        "merge-lora --lora_weight none_such ~ there are no weights none_such of --hidden_size 32 in"
            + " FOLDER/lora; there is nothing",
      })
  void aWrongCallIsOneLineAndCode64(String line, String message) {
    HostCall call = host(line);
    String expected = "error: " + message.replace("FOLDER", folder.toString()) + "\n";
    assertEquals(new HostCall(64, "", expected), call);
  }

  private static Decoder read(Path path) {
    return Files.isDirectory(path)
        ? HubFolder.read(path, Device.CPU)
        : DecoderFiles.read(path, TinyModel.CONFIG, Device.CPU);
  }

  private static float[] logits(Decoder decoder) {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Tensor ids = Tensor.of(new long[] {1, 5, 200, 31, 31, 8}, 1, 6);
      return decoder.logits(decoder.hidden(ids)).toFloatArray();
    }
  }

  private static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
    return most;
  }

  private Path in(String name) {
    return folder.resolve(name);
  }

  private HostCall host(String line) {
    return HostCall.of(words(line + " --save_dir " + folder));
  }

  private static String[] words(String line) {
    return line.split(" ");
  }

  private static String pythonWithTorch() throws Exception {
    for (String candidate : List.of("python3", "/usr/bin/python3")) {
      if (run(candidate, "import torch; print('ok')").equals("ok\n")) return candidate;
    }
    assumeTrue(false, "no python3 here imports torch");
    return null;
  }

  private static String run(String python, String program) throws Exception {
    try {
      Process process = new ProcessBuilder(python, "-c", program).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes());
      process.waitFor();
      return output;
    } catch (IOException e) {
      return "no " + python;
    }
  }
}
