/**
 * The one training loop and what keeps a run safe.
 *
 * <ul>
 *   <li>{@link org.panamind.host.train.TrainingRunner}: from a stage and its config to a finished
 *       run
 *   <li>{@link org.panamind.host.train.Session}: what stands around the loop; {@link
 *       org.panamind.host.train.Outputs} knows its files, {@link org.panamind.host.train.Saving}
 *       writes them
 *   <li>{@link org.panamind.host.train.TrainingLoop}: micro-batches to updates; reads top to bottom
 *   <li>{@link org.panamind.host.train.Accumulation}, {@link org.panamind.host.train.Backward}: one
 *       update of many micro-batches on many ranks
 *   <li>{@link org.panamind.host.train.Optimizers}: clipping, the guard against NaN, gradient
 *       scaling, AdamW
 *   <li>{@link org.panamind.host.train.Schedule}: the learning rate of each update
 *   <li>{@link org.panamind.host.train.Checkpoint}, {@link
 *       org.panamind.host.train.CheckpointStore}: all that a run needs to go on bit for bit, whole
 *       or absent
 *   <li>{@link org.panamind.host.train.MetricsLog}: rows of {@code metrics.jsonl}
 *   <li>{@link org.panamind.host.train.StopSignal}: SIGTERM and Ctrl-C end a run with a checkpoint
 * </ul>
 */
package org.panamind.host.train;
