package org.panamind.host.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.panamind.host.Streams;

/** Questions from a pipe, answers into one; notes go to standard error. */
final class StreamFace implements Face {
  private final BufferedReader in;
  private final Streams streams;

  StreamFace(Streams streams) {
    this.in = new BufferedReader(new InputStreamReader(streams.in(), StandardCharsets.UTF_8));
    this.streams = streams;
  }

  @Override
  public String read() {
    try {
      String line = in.readLine();
      StringBuilder typed = line == null ? null : new StringBuilder(line);
      while (line != null && !Typed.isComplete(typed.toString())) {
        line = in.readLine();
        if (line != null) typed.append('\n').append(line);
      }
      return typed == null ? null : Typed.text(typed.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read standard input: " + e.getMessage(), e);
    }
  }

  @Override
  public void answerBegins() {}

  @Override
  public void show(String part) {
    streams.out().print(part);
    streams.out().flush();
  }

  @Override
  public boolean wantsStop() {
    return streams.out().checkError(); // nobody reads any more
  }

  @Override
  public void answerEnds() {
    streams.out().println();
    streams.out().flush();
  }

  @Override
  public void note(String line) {
    streams.err().println(line);
  }

  @Override
  public void close() {}
}
