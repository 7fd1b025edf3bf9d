package org.panamind.model;

/**
 * A mixture of experts in place of each feed-forward part (Shazeer et al. 2017, arXiv:1701.06538):
 * a router gives each token to its likeliest experts. Names in messages are the host's flags.
 *
 * @param count E, experts to choose from
 * @param perToken how many of them each token gets, at most E
 * @param sharedCount further experts that see every token (Dai et al. 2024, arXiv:2401.06066)
 * @param feedForwardSize F of each expert; 0 takes that of the decoder
 * @param renormalise when the chosen experts' weights are made to sum to 1
 * @param balance over what the loss that keeps experts equally busy is taken
 * @param balanceWeight multiplies that loss; 0 for none
 */
public record Experts(
    int count,
    int perToken,
    int sharedCount,
    int feedForwardSize,
    Renormalise renormalise,
    Balance balance,
    double balanceWeight) {
  /** When the chosen experts' weights are made to sum to 1. */
  public enum Renormalise {
    /** Never: weights are the router's probabilities. */
    NEVER,
    /**
     * Where a token gets more than one expert. With one, the weight stays the router's probability,
     * through which the router learns (Fedus et al. 2022, arXiv:2101.03961, section 2.1).
     */
    ABOVE_ONE,
    /**
     * Always. With one expert a token the weight is then 1 whatever the router says, and the loss
     * does not reach the router: minimind-3's form.
     */
    ALWAYS
  }

  /** Over what the balance loss is taken. */
  public enum Balance {
    /** E sum_e share_e * score_e within each sequence, averaged over the batch: MiniMind2's. */
    PER_SEQUENCE,
    /**
     * The same over all tokens of the batch, shares summing to the experts a token: minimind-3's.
     */
    PER_BATCH
  }

  /** MiniMind2's: 2 of 4, and 1 shared. */
  public static final Experts MINIMIND2 =
      new Experts(4, 2, 1, 0, Renormalise.ABOVE_ONE, Balance.PER_SEQUENCE, 0.01);

  /** minimind-3's 1 of 4, with a router that learns. */
  public static final Experts MINIMIND3 =
      new Experts(4, 1, 0, 0, Renormalise.ABOVE_ONE, Balance.PER_BATCH, 5e-4);

  /** Checks the bounds. */
  public Experts {
    if (count < 1)
      throw new ModelConfigException("--num_experts is " + count + ", must be above 0");
    if (perToken < 1 || perToken > count) {
      throw new ModelConfigException(
          "--num_experts_per_tok is %d, must be 1 to --num_experts %d".formatted(perToken, count));
    }
    if (sharedCount < 0)
      throw new ModelConfigException(
          "--n_shared_experts is " + sharedCount + ", must not be below 0");
    if (feedForwardSize < 0)
      throw new ModelConfigException(
          "--moe_intermediate_size is " + feedForwardSize + ", must not be below 0");
    if (renormalise == null || balance == null)
      throw new ModelConfigException("the experts' renormalise and balance must be given");
    if (!(balanceWeight >= 0))
      throw new ModelConfigException(
          "--aux_loss_alpha is " + balanceWeight + ", must not be below 0");
  }

  /** The same with another rule for the weights; ALWAYS is minimind-3's own. */
  public Experts with(Renormalise rule) {
    return new Experts(count, perToken, sharedCount, feedForwardSize, rule, balance, balanceWeight);
  }

  /** The same with a width where none was given. */
  Experts sized(int width) {
    return feedForwardSize > 0
        ? this
        : new Experts(count, perToken, sharedCount, width, renormalise, balance, balanceWeight);
  }

  boolean renormalises() {
    return renormalise == Renormalise.ALWAYS
        || (renormalise == Renormalise.ABOVE_ONE && perToken > 1);
  }
}
