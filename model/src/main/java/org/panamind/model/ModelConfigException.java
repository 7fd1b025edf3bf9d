package org.panamind.model;

/** Sizes of a model that do not fit together; the message names the flag and its value. */
public final class ModelConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Makes an error with the whole story in one line. */
  public ModelConfigException(String message) {
    super(message);
  }
}
