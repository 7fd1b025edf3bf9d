package org.panamind.stage;

/** How far one piece of work has come. Made by {@link Console#progress}, used by one thread. */
public interface Progress extends AutoCloseable {
  /**
   * Says where the work stands. Cheap enough for every step: the console decides what it draws.
   *
   * @param done units done so far, of the total given at the start
   * @param detail figures beside the bar, for example {@code loss 2.31, 12,345 tokens/s}; may be
   *     empty
   */
  void update(long done, String detail);

  /** Ends the line; what was last reported stays visible. */
  @Override
  void close();
}
