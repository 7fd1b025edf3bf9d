/**
 * {@code --reward http://HOST:PORT/PATH}: a server of the user's own scores replies.
 *
 * <ul>
 *   <li>{@link org.panamind.reward.http.HttpReward}, {@link org.panamind.reward.http.HttpsReward}:
 *       the extensions; the former's javadoc is the protocol.
 *   <li>{@code ScoringServer}: requests, retries, errors. {@code ScoreMessages}: their JSON. {@code
 *       Limits}: sizes and times.
 * </ul>
 */
package org.panamind.reward.http;
