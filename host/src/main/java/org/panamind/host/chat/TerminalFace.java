package org.panamind.host.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/** A terminal with line editing and history. Ctrl-C stops an answer, Ctrl-D ends the dialogue. */
final class TerminalFace implements Face {
  private static final int HISTORY_LINES = 1000;

  private final Terminal terminal;
  private final LineReader reader;
  private volatile boolean stop;

  /** Takes over the terminal. */
  TerminalFace(Terminal terminal, Path history) {
    this.terminal = terminal;
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("panamind")
            .parser(new TypedParser())
            .completer(new StringsCompleter(ChatLoop.COMMANDS.keySet()))
            .variable(LineReader.HISTORY_FILE, history)
            .variable(LineReader.HISTORY_SIZE, HISTORY_LINES)
            .variable(LineReader.HISTORY_FILE_SIZE, HISTORY_LINES)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "| ")
            // A "!" is punctuation here.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    terminal.handle(Signal.INT, signal -> stop = true);
  }

  /** On the process's own terminal, with the user's history. */
  static TerminalFace open() {
    try {
      Terminal terminal =
          TerminalBuilder.builder()
              .system(true)
              .dumb(true)
              .nativeSignals(true)
              .encoding(StandardCharsets.UTF_8)
              .build();
      return new TerminalFace(terminal, historyFile(System.getenv()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the terminal: " + e.getMessage(), e);
    }
  }

  /** Where the XDG base directory specification puts what a program remembers. */
  static Path historyFile(Map<String, String> environment) throws IOException {
    Path state =
        Optional.ofNullable(environment.get("XDG_STATE_HOME"))
            .map(Path::of)
            .filter(Path::isAbsolute)
            .orElse(Path.of(System.getProperty("user.home"), ".local", "state"));
    Path file = state.resolve("panamind").resolve("chat_history");
    Files.createDirectories(file.getParent());
    if (!Files.exists(file)) {
      // What was asked is the user's alone to read.
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return file;
  }

  @Override
  public String read() {
    while (true) {
      try {
        return Typed.text(reader.readLine("> "));
      } catch (UserInterruptException e) {
        if (e.getPartialLine().isEmpty()) note("Ctrl-D ends, /help helps");
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public void answerBegins() {
    stop = false;
  }

  /** Control characters of a model's making could do anything to a terminal. */
  @Override
  public void show(String part) {
    terminal.writer().print(part.replaceAll("[\\p{Cc}&&[^\\n\\t]]", "\uFFFD"));
    terminal.flush();
  }

  @Override
  public boolean wantsStop() {
    return stop;
  }

  @Override
  public void answerEnds() {
    terminal.writer().println();
    terminal.flush();
  }

  @Override
  public void note(String line) {
    var faint = new AttributedString(line, AttributedStyle.DEFAULT.faint());
    terminal.writer().println(faint.toAnsi(terminal));
    terminal.flush();
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot give the terminal back: " + e.getMessage(), e);
    }
  }

  /** Lets the line editor go on to a further line where {@link Typed} wants one. */
  private static final class TypedParser implements Parser {
    private final DefaultParser words =
        new DefaultParser().quoteChars(new char[0]).escapeChars(new char[0]);

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      if (context == ParseContext.ACCEPT_LINE && !Typed.isComplete(line)) {
        throw new EOFError(-1, -1, "the text goes on");
      }
      return words.parse(line, cursor, context);
    }
  }
}
