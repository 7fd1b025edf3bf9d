package org.panamind.host.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.panamind.model.ModelConfig;
import org.panamind.stage.ConfigException;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

/**
 * MiniMind's own Python model in a process beside this one, asked for one piece of work at a time.
 */
final class MiniMindContender implements Contender {
  private static final String SCRIPT = "/bench/minimind.py";
  private static final long GRACE_SECONDS = 10;

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream questions;
  private final String version;

  private MiniMindContender(Process process) throws IOException {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.version = answer();
  }

  /**
   * Starts it.
   *
   * @param python an interpreter that imports torch
   * @param checkout MiniMind's repository, of the generation of MiniMind2
   * @param model its width and layers; all else is as that repository chooses
   * @throws ConfigException if it does not start; its own words are on standard error
   */
  static MiniMindContender start(
      String python,
      Path checkout,
      ModelConfig model,
      int threads,
      Device device,
      DType precision) {
    if (!Files.isRegularFile(checkout.resolve("model").resolve("model_minimind.py"))) {
      throw new ConfigException(
          "--minimind "
              + checkout
              + " has no model/model_minimind.py; name a checkout of MiniMind2");
    }
    try (InputStream script = MiniMindContender.class.getResourceAsStream(SCRIPT)) {
      var code = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      var process =
          new ProcessBuilder(
                  List.of(
                      python,
                      "-c",
                      code,
                      checkout.toString(),
                      threads + "",
                      device + "",
                      precision.torchName(),
                      model.hiddenSize() + "",
                      model.layerCount() + ""))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new MiniMindContender(process);
    } catch (IOException e) {
      throw new ConfigException(
          "MiniMind in Python does not start by " + python + ": " + e.getMessage(), e);
    }
  }

  String version() {
    return version;
  }

  private String answer() throws IOException {
    var line = answers.readLine();
    if (line == null) throw new IOException("it ended without an answer");
    return line;
  }

  private double ask(String question) {
    questions.println(question);
    try {
      return Double.parseDouble(answer());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "MiniMind in Python, asked to " + question + ": " + e.getMessage(), e);
    }
  }

  @Override
  public double train(int rows, int length) {
    return ask("train " + rows + " " + length);
  }

  @Override
  public double generate(int prompt, int fresh) {
    return ask("generate " + prompt + " " + fresh);
  }

  @Override
  public double rollout(int rows, int prompt, int fresh) {
    return ask("rollout " + rows + " " + prompt + " " + fresh);
  }

  @Override
  public void close() {
    questions.close();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
