package org.panamind.torch;

/** One place of an index expression: {@code t.get(Ix.slice(0, n), Ix.all(), Ix.at(-1))}. */
public sealed interface Ix {
  /**
   * Elements {@code from} (inclusive) to {@code to} (exclusive) in steps; negative bounds count
   * from the end.
   *
   * @param from first element
   * @param to first element no longer taken; Long.MAX_VALUE for the end
   * @param step at least 1
   */
  record Slice(long from, long to, long step) implements Ix {}

  /**
   * One element; its axis goes away.
   *
   * @param index negative counts from the end
   */
  record At(long index) implements Ix {}

  /** As many whole axes as are not named. */
  record Ellipsis() implements Ix {}

  /** A new axis of size 1. */
  record NewAxis() implements Ix {}

  /**
   * Elements chosen by an int64 tensor, or those where a bool tensor is true.
   *
   * @param tensor borrowed
   */
  record Of(Tensor tensor) implements Ix {}

  /** All elements of an axis. */
  static Ix all() {
    return new Slice(0, Long.MAX_VALUE, 1);
  }

  /** Elements from the given one to the end. */
  static Ix from(long first) {
    return new Slice(first, Long.MAX_VALUE, 1);
  }

  /** Elements {@code from} to {@code to}, the latter not taken. */
  static Ix slice(long from, long to) {
    return new Slice(from, to, 1);
  }

  /** The same in steps. */
  static Ix slice(long from, long to, long step) {
    return new Slice(from, to, step);
  }

  /** One element; its axis goes away. */
  static Ix at(long index) {
    return new At(index);
  }

  /** As many whole axes as are not named. */
  static Ix ellipsis() {
    return new Ellipsis();
  }

  /** A new axis of size 1. */
  static Ix newAxis() {
    return new NewAxis();
  }

  /** Elements chosen by an int64 or bool tensor. */
  static Ix of(Tensor tensor) {
    return new Of(tensor);
  }
}
