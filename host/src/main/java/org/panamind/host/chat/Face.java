package org.panamind.host.chat;

/** Where a dialogue is typed and shown. */
interface Face extends AutoCloseable {
  /**
   * Waits for what is said next.
   *
   * @return several lines perhaps; null when there is no more
   */
  String read();

  /** An answer begins: from now on a wish to stop is a wish to stop it. */
  void answerBegins();

  /** Shows a part of an answer at once. */
  void show(String part);

  /** Whether the answer is to stop. */
  boolean wantsStop();

  /** The answer is over. */
  void answerEnds();

  /** Shows a line that is no part of an answer. */
  void note(String line);

  @Override
  void close();
}
