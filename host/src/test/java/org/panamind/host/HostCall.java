package org.panamind.host;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * One call of the host inside this JVM.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it complained about
 */
public record HostCall(int code, String out, String err) {
  /** Runs the host with captured streams and nothing to read. */
  public static HostCall of(String... args) {
    return reading("", args);
  }

  /** Runs the host with captured streams. */
  public static HostCall reading(String in, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    var typed = new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8));
    int code = new Host(typed, stream(out), stream(err)).run(args);
    return new HostCall(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
