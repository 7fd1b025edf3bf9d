/**
 * Groups of options that several stages share, as components of their config records, and what they
 * open.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.options.ModelOptions}: sizes of a decoder
 *   <li>{@link org.panamind.stage.options.StartOptions}: weights of an earlier stage to go on from
 *   <li>{@link org.panamind.stage.options.DataOptions}: a JSONL file, its bad lines, its held-out
 *       part
 *   <li>{@link org.panamind.stage.options.SavedWeights}, {@link
 *       org.panamind.stage.options.SavedTokenizer}: what an earlier stage left
 * </ul>
 */
package org.panamind.stage.options;
