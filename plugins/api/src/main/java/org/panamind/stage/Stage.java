package org.panamind.stage;

import java.util.Map;
import org.pf4j.ExtensionPoint;

/**
 * One stage of the pipeline, run as {@code host --stage NAME}. A plugin implements one of the kinds
 * (such as {@link ToolStage}) in a class annotated {@code @Extension} with a public constructor
 * without arguments; the host makes one instance.
 *
 * @param <C> the record of the stage's options
 */
public interface Stage<C extends Record> extends ExtensionPoint {
  /** What the user types after {@code --stage}: lower-case letters, digits and underscores. */
  String name();

  /** One line for {@code host stages}. */
  String summary();

  /**
   * The record whose components are the stage's options; it has a static field {@code DEFAULT}. See
   * {@link org.panamind.stage.config}.
   */
  Class<C> config();

  /**
   * Values that replace defaults for this call, for example a small model when the user gave no
   * data. They stand above {@code DEFAULT} and below {@code --config} and flags.
   *
   * @param given what the user set by file and flags, option name to text
   * @return option name (as {@code batch_size}) to text; empty by default
   */
  default Map<String, String> preset(Map<String, String> given) {
    return Map.of();
  }
}
