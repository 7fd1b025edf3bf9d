/**
 * Group-relative policy optimisation: {@link org.panamind.stage.grpo.GrpoRun} draws and learns,
 * {@link org.panamind.stage.grpo.GroupAdvantage} and {@link org.panamind.stage.grpo.GrpoLoss} are
 * its formulas.
 */
package org.panamind.stage.grpo;
