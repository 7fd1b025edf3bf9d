package org.panamind.stage.rl;

/**
 * How answers to a batch of prompts are drawn.
 *
 * @param each answers to each prompt
 * @param attempt another draws other answers, from 0
 * @param likeliest whether to take the likeliest tokens in place of drawing
 */
public record Drawing(int each, int attempt, boolean likeliest) {
  /** One answer of the likeliest tokens, for measuring. */
  public static final Drawing LIKELIEST = new Drawing(1, 0, true);

  /** So many answers to each prompt. */
  public static Drawing of(int each) {
    return new Drawing(each, 0, false);
  }
}
