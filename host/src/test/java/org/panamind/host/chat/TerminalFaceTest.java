package org.panamind.host.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
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

  private final Keyboard keys = new Keyboard();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private ExternalTerminal terminal;
  private TerminalFace face;

  @BeforeEach
  void open() throws IOException {
    terminal = new ExternalTerminal("test", "xterm", keys, screen, StandardCharsets.UTF_8);
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
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private void type(String... lines) {
    for (String line : lines) keys.press(line);
  }

  /** Never ends, whichever threads press keys; a pipe breaks when a thread that wrote is gone. */
  private static final class Keyboard extends InputStream {
    private final BlockingQueue<Byte> pressed = new LinkedBlockingQueue<>();

    void press(String text) {
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) pressed.add(b);
    }

    @Override
    public int available() {
      return pressed.size();
    }

    @Override
    public int read() throws IOException {
      try {
        return pressed.take() & 0xFF;
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      bytes[offset] = (byte) read();
      return 1;
    }
  }
}
