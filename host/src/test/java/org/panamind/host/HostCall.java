package org.panamind.host;

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
  /** Runs the host with captured streams. */
  public static HostCall of(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = new Host(stream(out), stream(err)).run(args);
    return new HostCall(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
