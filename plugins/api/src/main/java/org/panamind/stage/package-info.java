/**
 * What a stage plugin implements and what the host hands to it.
 *
 * <ul>
 *   <li>{@link org.panamind.stage.Stage}: the name, the options and the defaults of a stage; a PF4J
 *       extension point
 *   <li>{@link org.panamind.stage.ToolStage}: a stage without a training loop
 *   <li>{@link org.panamind.stage.StageContext}, {@link org.panamind.stage.Console}, {@link
 *       org.panamind.stage.Progress}: the surroundings of a run
 *   <li>{@link org.panamind.stage.StageException}, {@link org.panamind.stage.ConfigException}: the
 *       errors that a user reads
 *   <li>{@link org.panamind.stage.ApiVersion}: what a plugin's {@code Plugin-Requires} is compared
 *       with
 * </ul>
 *
 * Options are records read by the walker in {@link org.panamind.stage.config}.
 */
package org.panamind.stage;
