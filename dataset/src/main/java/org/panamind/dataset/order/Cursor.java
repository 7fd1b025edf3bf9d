package org.panamind.dataset.order;

/**
 * How far a run has come in its data: everything before has been handed out, nothing after. It says
 * nothing of ranks or batch sizes, so a run may go on with others.
 *
 * @param epoch from 0
 * @param position rows of this epoch that have been handed out, over all ranks
 */
public record Cursor(long epoch, long position) {
  /** The beginning of the first epoch. */
  public static final Cursor START = new Cursor(0, 0);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public Cursor {
    if (epoch < 0 || position < 0) {
      throw new IllegalArgumentException(
          "a cursor has no negative parts, this is epoch %d, position %d"
              .formatted(epoch, position));
    }
  }
}
