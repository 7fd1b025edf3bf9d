package org.panamind.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.panamind.dataset.DataException;
import org.panamind.model.weights.WeightException;
import org.panamind.stage.ConfigException;
import org.panamind.stage.StageException;

class ExitCodeTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(64, "--a is 1, must be 2", new ConfigException("--a is 1, must be 2")),
        Arguments.of(77, "the loss is NaN", new StageException(77, "the loss is NaN")),
        Arguments.of(65, "a.jsonl:3: cut short", new DataException("a.jsonl:3: cut short")),
        Arguments.of(
            65,
            "w.pth: torn. Copy it.",
            new WeightException(Path.of("w.pth"), -1, "torn", "Copy it.")),
        Arguments.of(74, "no such file or folder: a/b", new NoSuchFileException("a/b")),
        Arguments.of(74, "no permission for a/b", new AccessDeniedException("a/b")),
        Arguments.of(
            74,
            "cannot use a/b: disk is full",
            new FileSystemException("a/b", null, "disk is full")),
        Arguments.of(74, "a pipe broke", new IOException("a pipe broke")),
        Arguments.of(
            74,
            "no such file or folder: a/b",
            new UncheckedIOException(new NoSuchFileException("a/b"))),
        Arguments.of(
            74,
            "cannot list a/b: why",
            new UncheckedIOException("cannot list a/b: why", new IOException("why"))),
        Arguments.of(
            70,
            "unexpected java.lang.OutOfMemoryError: heap; run again with --debug for the stack"
                + " trace",
            new OutOfMemoryError("heap")));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void mapsEachFamilyToItsCodeAndOneLine(int code, String line, Throwable error) {
    assertEquals(code, report(error, false));
    assertEquals("error: " + line + "\n", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void keepsAnUnexpectedErrorOfManyLinesToOne() {
    report(new IllegalStateException("first\nsecond"), false);
    assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
  }

  @Test
  void showsCausesUnderDebug() {
    report(new ConfigException("wrong", new IOException("the cause")), true);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("Caused by: java.io.IOException"));
  }

  private int report(Throwable error, boolean debug) {
    return ExitCode.report(error, debug, new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
