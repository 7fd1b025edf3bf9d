package org.panamind.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostTest {
  @TempDir static Path plugins;
  @TempDir Path folder;

  @BeforeAll
  static void buildAStage() throws IOException {
    new PluginJars(plugins).stage("echo");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "--stage ech ~ there is no stage ech; did you mean echo?; installed are echo",
        "--stage ~ --stage needs a value",
        "--stage echo --stage echo ~ --stage is given twice",
        "echo ~ there is no command echo; did you mean --stage echo?",
        "stagse ~ there is no command stagse; did you mean stages?",
        "frobnicate ~ there is no command frobnicate; host --help lists the commands",
        "--dry_run ~ name a stage (--stage NAME) or a command; host --help lists them",
        "--stage echo --batch_sise 4 ~ unknown flag --batch_sise; did you mean --batch_size?",
        "--stage echo --batch-sise=4 ~ unknown flag --batch_sise; did you mean --batch_size?",
        "--stage echo -x ~ unknown flag -x",
        "--stage echo --batch 4 ~ unknown flag --batch",
        "--stage echo --batch_size ~ --batch_size needs a value (INT), but is the last word",
        "--stage echo --data_path --use_moe ~ --data_path needs a value (PATH), but --use_moe"
            + " follows; a value that begins with -- is written --data_path=VALUE",
        "--stage echo --batch_size 4 --batch-size 5 ~ --batch_size is given twice (4 and 5)",
        "--stage echo --batch_size four ~ --batch_size is \"four\", must be a whole number",
        "--stage echo --batch_size 0 ~ --batch_size is 0, must be at least 1",
        "--stage echo --use_moe maybe ~ unexpected word \"maybe\"; flags begin with --",
        "--stage echo --use_moe=maybe ~ --use_moe is \"maybe\", must be 1, 0, true or false",
        "--stage echo --config /no/such.json ~ --config is /no/such.json, there is no such file",
        "stages ech ~ there is no stage ech; did you mean echo?; installed are echo",
      })
  void answersAUsersMistakeWithOneLineAndCode64(String line, String message) {
    assertEquals(new HostCall(64, "", "error: " + message + "\n"), host(line));
  }

  @ParameterizedTest
  @CsvSource({
    "io, 74, no such file or folder: /nowhere/at/all",
    "data, 65, a.jsonl:7: not JSON",
    "bug, 70, 'unexpected java.lang.IllegalStateException: an invariant; run again with --debug for"
        + " the stack trace'",
  })
  void mapsWhatAStageThrowsToItsCode(String fault, int code, String message) {
    HostCall call = host("--stage echo --fault " + fault);
    assertEquals(code, call.code());
    assertEquals("error: " + message + "\n", call.err());
  }

  @Test
  void showsTheStackTraceUnderDebugOnly() {
    HostCall call = host("--stage echo --fault bug --debug");
    assertEquals(70, call.code());
    assertTrue(call.err().contains("at org.panamind.stage.echo.EchoStage.run"), call.err());
    assertTrue(
        call.err()
            .endsWith("error: unexpected java.lang.IllegalStateException: an" + " invariant\n"),
        call.err());
  }

  @Test
  void layersPresetFileAndFlags() throws IOException {
    Path file = Files.writeString(folder.resolve("run.json"), "{\"learning_rate\": 1e-3}");
    assertEquals(
        """
        {
          "batch_size" : 2,
          "learning_rate" : 5.0E-4,
          "data_path" : null,
          "use_moe" : false,
          "fault" : null
        }
        """,
        host("--stage echo --dry_run").out());
    assertTrue(host("--stage echo --config " + file + " --dry_run").out().contains("0.001"));
    String flag = host("--learning-rate=2e-3 --stage=echo --dry-run 1 --config " + file).out();
    assertTrue(flag.contains("\"learning_rate\" : 0.002"), flag);
    assertTrue(host("--stage echo --data_path a --dry_run").out().contains("\"batch_size\" : 8"));
  }

  @Test
  void namesFileAndKeyOfAMistakeInTheConfig() throws IOException {
    Path file = Files.writeString(folder.resolve("run.json"), "{\"batch_sise\": 4}");
    assertEquals(
        "error: " + file + ": unknown key \"batch_sise\"; did you mean batch_size?\n",
        host("--stage echo --config " + file).err());
  }

  @Test
  void runsAStageAndReportsProgressInPlainLines() {
    HostCall call = host("--stage echo --use_moe");
    assertEquals(0, call.code(), call.err());
    assertEquals(
        "preset of echo: batch_size=2\n"
            + "echo: batch_size=2 learning_rate=5e-4 data_path=none use_moe=true fault=none\n"
            + "echo Config[batchSize=2, learningRate=5.0E-4, dataPath=null, useMoe=true,"
            + " fault=null] seed 42\n",
        call.out());
    List<String> lines = call.err().lines().toList();
    assertTrue(lines.get(0).startsWith("echo 1/40 step, loss 1, 0:0"), lines.get(0));
    assertEquals("echo 40/40 step, loss 40", lines.get(lines.size() - 1));
    assertEquals(21, lines.size());
  }

  @Test
  void explainsAStageByGroupsWithDefaultsAndUnits() {
    HostCall call = host("--stage echo --help");
    assertEquals(0, call.code());
    assertTrue(
        call.out()
            .startsWith(
                """
                host --stage echo [flags]
                prints what it was given; as called, these defaults are replaced: batch_size=2

                Training
                  --batch_size INT        samples in a step (default 8 samples)
                  --learning_rate NUMBER  peak of the schedule (default 5e-4)

                Data
                  --data_path PATH  texts to read (default none)

                Model
                  --use_moe [0|1]  mixture of experts (default false)

                Options
                  --fault TEXT  what goes wrong: none, io, bug or data (default none)

                Host
                  --config PATH\
                """),
        call.out());
    assertEquals(call.out(), host("-h --stage echo").out());
  }

  @Test
  void listsStagesWithTheirOptions() {
    String out = host("stages").out();
    assertTrue(out.startsWith("echo 1.2.3: prints what it was given\n\nTraining\n"), out);
    assertTrue(out.contains("--batch_size INT"), out);
    assertEquals(out, host("stages echo").out());
  }

  @Test
  void writesTheTablesOfTheReadme() {
    assertEquals(
        """
        ### `echo`

        prints what it was given

        | flag | default | unit | meaning |
        | --- | --- | --- | --- |
        | `--batch_size INT` | `8` | samples | samples in a step |
        | `--learning_rate NUMBER` | `5e-4` | | peak of the schedule |
        | `--data_path PATH` | `none` | | texts to read |
        | `--use_moe [0\\|1]` | `false` | | mixture of experts |
        | `--fault TEXT` | `none` | | what goes wrong: none, io, bug or data |

        """,
        host("stages --markdown").out());
  }

  @Test
  void explainsItself() {
    for (String line : List.of("--help", "-h", "help", "")) {
      HostCall call = HostCall.of(words(line));
      assertEquals(0, call.code(), line);
      assertTrue(call.out().contains("lists the installed stages"), line);
    }
    assertTrue(host("--version").out().matches("panamind .*, stage API 0.1.0, Java \\d+\n"));
  }

  @Test
  void exitsWithTheCodeAsAProcess() throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command = new ArrayList<>(List.of(java.toString(), "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of("org.panamind.host.Main", "--plugins", plugins.toString()));
    command.addAll(List.of("--stage", "echo", "--batch_size", "0"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(64, process.waitFor());
    assertEquals("error: --batch_size is 0, must be at least 1\n", output);
  }

  private static HostCall host(String line) {
    List<String> words = new ArrayList<>(List.of(words(line)));
    words.add(line.startsWith("-") ? 0 : 1, "--plugins=" + plugins);
    return HostCall.of(words.toArray(String[]::new));
  }

  private static String[] words(String line) {
    return line.isEmpty() ? new String[0] : line.strip().split(" ");
  }
}
