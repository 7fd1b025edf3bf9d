package org.panamind.host.train;

import org.panamind.stage.StageException;

/** The loss or gradient was not a number several updates in a row; the weights are those before. */
public final class DivergedException extends StageException {
  private static final long serialVersionUID = 1L;
  private static final int EXIT_CODE = 77;

  DivergedException(String message) {
    super(EXIT_CODE, message);
  }
}
