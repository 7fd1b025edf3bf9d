/**
 * What a stage with a training loop implements. The stage states its loss; the host owns the loop:
 * accumulation, clipping, schedule, checkpoints, resume, signals, ranks, logging.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.train.TrainingStage}: the stage; opens a {@link
 *       org.panamind.stage.train.TrainingRun}, which turns a batch into {@link
 *       org.panamind.stage.train.StepLoss}es
 *   <li>{@link org.panamind.stage.train.TrainingData}, {@link org.panamind.stage.train.Batches}:
 *       where batches come from
 *   <li>{@link org.panamind.stage.train.ParameterGroup}: what an optimizer trains
 *   <li>{@link org.panamind.stage.train.TrainingOptions}: the options that all such stages share
 *   <li>{@link org.panamind.stage.train.Compat}: correct by default, MiniMind's forms on request
 * </ul>
 */
package org.panamind.stage.train;
