package org.panamind.dataset.order;

/**
 * Which part of one global order a rank takes. The ranks' parts of a global batch lie side by side:
 * put together in the order of ranks they are what a single rank would have had.
 *
 * @param rank this process, from 0
 * @param world how many processes there are
 */
public record RankShare(int rank, int world) {
  /** One process that takes everything. */
  public static final RankShare ALONE = new RankShare(0, 1);

  /** Positions {@code from} to {@code to - 1}. */
  public record Span(long from, long to) {
    /** How many positions these are. */
    public int count() {
      return Math.toIntExact(to - from);
    }
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the rank is not one of the world's
   */
  public RankShare {
    if (world < 1 || rank < 0 || rank >= world) {
      throw new IllegalArgumentException(
          "rank must be 0 to world - 1, this is rank %d of a world of %d".formatted(rank, world));
    }
  }

  /**
   * This rank's part of a global batch; parts differ by at most one. Empty for some ranks when
   * there are fewer rows than ranks.
   *
   * @param from the batch's first position
   * @param count how many positions it has over all ranks
   */
  public Span of(long from, long count) {
    return new Span(from + count * rank / world, from + count * (rank + 1) / world);
  }
}
