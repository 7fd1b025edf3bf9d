/**
 * Distillation from a teacher's probabilities: {@link org.panamind.stage.distill.DistillRun} puts
 * the loss together, {@link org.panamind.stage.distill.DistillLoss} computes it in chunks of rows.
 */
package org.panamind.stage.distill;
