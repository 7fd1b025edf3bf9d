package org.panamind.host.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The line editor on a terminal made of streams. */
@Timeout(30)
class TerminalFaceTest {
  @TempDir Path folder;

  private final PipedOutputStream keys = new PipedOutputStream();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private ExternalTerminal terminal;
  private TerminalFace face;

  @BeforeEach
  void open() throws IOException {
    var in = new PipedInputStream(keys, 1 << 16);
    terminal = new ExternalTerminal("test", "xterm", in, screen, StandardCharsets.UTF_8);
    face = new TerminalFace(terminal, folder.resolve("history"));
  }

  @AfterEach
  void close() {
    face.close();
  }

  @Test
  void readsLinesOfSeveralLinesAndTheEnd() throws IOException {
    type("hello!!\r", "one\\\rtwo\r", "\"\"\"a\rb\"\"\"\r", "\u0004");
    assertEquals("hello!!", face.read());
    assertEquals("one\ntwo", face.read());
    assertEquals("a\nb", face.read());
    assertNull(face.read());
    assertTrue(Files.readString(folder.resolve("history")).contains("hello!!"));
  }

  @Test
  void anArrowBringsTheLastLineBack() throws IOException {
    type("hello\r");
    assertEquals("hello", face.read());
    typeAtPrompt("\u001bOA", "\r");
    assertEquals("hello", face.read());
  }

  @Test
  void anInterruptStopsTheAnswerUnderWayAndNotTheNext() {
    face.answerBegins();
    assertFalse(face.wantsStop());
    terminal.raise(Signal.INT);
    assertTrue(face.wantsStop());
    face.answerBegins();
    assertFalse(face.wantsStop());
  }

  @Test
  void anInterruptWhileTypingClearsTheLine() throws IOException {
    typeAtPrompt("never mind", "\u0003", "hello\r");
    assertEquals("hello", face.read());
  }

  @Test
  void aModelCannotSendControlCharactersToTheTerminal() {
    face.show("a\u001b]0;title\u0007b\u009bc\n\t你");
    String shown = screen.toString(StandardCharsets.UTF_8);
    assertTrue(shown.contains("a\uFFFD]0;title\uFFFDb\uFFFDc"), shown);
    assertTrue(shown.contains("你"), shown);
    assertFalse(shown.contains("\u001b]"), shown);
  }

  @Test
  void theHistoryIsTheUsersAlone() throws IOException {
    Path file = TerminalFace.historyFile(Map.of("XDG_STATE_HOME", folder.toString()));
    assertEquals(folder.resolve("panamind/chat_history"), file);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(file, TerminalFace.historyFile(Map.of("XDG_STATE_HOME", folder.toString())));
  }

  /**
   * One after another, each when the screen shows the one before: what is typed ahead acts else.
   */
  private void typeAtPrompt(String... parts) {
    screen.reset();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                int shown = 0;
                for (String part : parts) {
                  while (screen.size() <= shown) Thread.sleep(20);
                  Thread.sleep(200);
                  shown = screen.size();
                  type(part);
                }
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private void type(String... lines) throws IOException {
    for (String line : lines) keys.write(line.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }
}
