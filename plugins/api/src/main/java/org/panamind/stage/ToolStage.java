package org.panamind.stage;

import java.io.IOException;

/**
 * A stage that does its work in one go, without the host's training loop.
 *
 * @param <C> the record of the stage's options
 */
public interface ToolStage<C extends Record> extends Stage<C> {
  /**
   * Does the work.
   *
   * @param config the resolved options; their bounds were checked by the record
   * @param context folder, console, seed and device of this run
   * @throws StageException if the user has to mend something
   * @throws IOException if a file cannot be read or written; its message names the file
   */
  void run(C config, StageContext context) throws IOException;
}
