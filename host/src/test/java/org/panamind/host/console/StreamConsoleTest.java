package org.panamind.host.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.panamind.stage.Progress;

class StreamConsoleTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void keepsResultsApartFromTheRest() {
    StreamConsole console = console(Terminal.NONE);
    console.info("a result");
    console.warn("a doubt");
    assertEquals("a result\n", out.toString(StandardCharsets.UTF_8));
    assertEquals("warning: a doubt\n", errors());
  }

  @Test
  void drawsABarOnATerminal() {
    StreamConsole console = console(new Terminal(true, 80));
    try (Progress progress = console.progress("train", 10, "step")) {
      progress.update(4, "loss 2.31");
      console.info("saved");
      progress.update(10, "loss 1.25");
    }
    String[] drawn = errors().split("\r");
    String last = drawn[drawn.length - 1];
    assertTrue(last.startsWith("train 100% ["), last);
    assertTrue(last.contains("10/10 step") && last.contains("loss 1.25"), last);
    assertEquals("saved\n", out.toString(StandardCharsets.UTF_8));
    for (String line : drawn) {
      assertTrue(line.strip().length() <= 80, line);
    }
  }

  @Test
  void saysHowMuchTimeIsLeftInPlainLines() throws InterruptedException {
    try (Progress progress = console(Terminal.NONE).progress("train", 1000, "steps")) {
      Thread.sleep(20);
      progress.update(1, "");
      progress.update(2, "");
      progress.update(1000, "");
    }
    assertTrue(
        errors().matches("train 1/1000 steps, 0:\\d\\d left\ntrain 1000/1000 steps\n"), errors());
  }

  @Test
  void countsWorkWithoutAKnownEnd() {
    try (Progress progress = console(Terminal.NONE).progress("read", -1, "lines")) {
      progress.update(1, "");
      progress.update(7, "");
    }
    assertEquals("read 1 lines\nread 7 lines\n", errors());
  }

  private StreamConsole console(Terminal terminal) {
    return new StreamConsole(stream(out), stream(err), terminal);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
