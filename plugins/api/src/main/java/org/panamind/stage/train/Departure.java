package org.panamind.stage.train;

import java.util.List;
import java.util.stream.Stream;

/**
 * A point in which MiniMind departs from the paper or from what its own README says, for the
 * stage's help.
 *
 * @param point what it is about
 * @param byDefault what this project does
 * @param inCompat what MiniMind does and {@code --compat} asks for, with the generation where only
 *     one does it
 */
public record Departure(String point, String byDefault, String inCompat) {
  private static final Departure ACCUMULATION =
      new Departure(
          "loss of an update",
          "mean over all tokens or samples of its micro-batches",
          "mean of the micro-batches' means, so a token in a short one counts more");

  private static final Departure ROUTER =
      new Departure(
          "router of experts, 1 a token",
          "the expert's weight is the router's probability, through which it learns",
          "in minimind3 the weight is always 1, so the loss does not reach the router");

  private static final Departure ANSWERS =
      new Departure(
          "what is learned of a conversation",
          "the answers, found by the template's structure",
          "found by scanning for the ids of <|im_start|>assistant: markers that a user typed count"
              + " too, and an answer that begins with empty lines is lost");

  /** Of every stage, then of this one. */
  public static List<Departure> common(Departure... own) {
    return Stream.concat(Stream.of(ACCUMULATION, ROUTER), Stream.of(own)).toList();
  }

  /** Of every stage that learns from conversations, then of this one. */
  public static List<Departure> ofChats(Departure... own) {
    return Stream.concat(common(ANSWERS).stream(), Stream.of(own)).toList();
  }
}
