package org.panamind.host;

/** The entry point of {@code bin/host} and of the executable jar. */
public final class Main {
  private Main() {}

  /** Runs the host on the process's streams and exits with its code. */
  public static void main(String[] args) {
    System.exit(new Host(System.in, System.out, System.err).run(args));
  }
}
