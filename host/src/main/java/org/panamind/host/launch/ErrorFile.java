package org.panamind.host.launch;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Why a rank failed, where and as torchrun's agent reads it to name the first cause. */
public final class ErrorFile {
  private static final String VARIABLE = "TORCHELASTIC_ERROR_FILE";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ErrorFile() {}

  /** Writes an error, when the environment names a file for it. */
  public static void write(Map<String, String> environment, String message, Throwable error) {
    String file = environment.get(VARIABLE);
    if (file == null || file.isEmpty()) return;
    var trace = new StringWriter();
    if (error != null) error.printStackTrace(new PrintWriter(trace, true));
    var details =
        Map.of(
            "py_callstack",
            trace.toString(),
            "timestamp",
            Long.toString(Instant.now().getEpochSecond()));
    var content = Map.of("message", Map.of("message", message, "extraInfo", details));
    try {
      Files.write(Path.of(file), JSON.writeValueAsBytes(content));
    } catch (IOException e) {
      System.err.println("cannot write " + VARIABLE + " " + file + ": " + e.getMessage());
    }
  }
}
