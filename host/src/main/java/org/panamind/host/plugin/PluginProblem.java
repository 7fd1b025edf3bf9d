package org.panamind.host.plugin;

import java.nio.file.Path;

/**
 * Why a jar, or one stage of it, is not used.
 *
 * @param jar the file
 * @param reason what is wrong and what to do, in one line
 */
public record PluginProblem(Path jar, String reason) {
  @Override
  public String toString() {
    return jar + ": " + reason;
  }
}
