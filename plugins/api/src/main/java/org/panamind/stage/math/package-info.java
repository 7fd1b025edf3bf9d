/**
 * Mathematics that several stages share, as small functions.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.math.NextToken}: cross-entropy of next tokens
 *   <li>{@link org.panamind.stage.math.Supervised}: the tokens of a batch that count
 *   <li>{@link org.panamind.stage.math.AnswerLogProbs}: how likely whole answers are
 * </ul>
 */
package org.panamind.stage.math;
