package org.panamind.stage;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The surroundings of one run of a stage. The host takes the values from the stage's own options of
 * the same name ({@code --save_dir}, {@code --seed}, {@code --device}); where a stage declares no
 * such option, the default below stands.
 *
 * @param outFolder where results are written, {@code out} by default; need not exist yet
 * @param console where the stage talks to its user
 * @param seed of everything random in the run, 42 by default
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}; {@code cpu} by default
 */
public record StageContext(Path outFolder, Console console, long seed, String device) {
  /** Checks that nothing is missing. */
  public StageContext {
    Objects.requireNonNull(outFolder, "outFolder");
    Objects.requireNonNull(console, "console");
    Objects.requireNonNull(device, "device");
  }
}
