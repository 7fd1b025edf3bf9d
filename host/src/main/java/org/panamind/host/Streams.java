package org.panamind.host;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * The streams of one call of the program, for commands that talk rather than report.
 *
 * @param in what is typed or piped in
 * @param out results
 * @param err everything else
 */
public record Streams(InputStream in, PrintStream out, PrintStream err) {}
