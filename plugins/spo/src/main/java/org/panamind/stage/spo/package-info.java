/**
 * Single-stream policy optimisation: {@link org.panamind.stage.spo.SpoRun} draws and learns, {@link
 * org.panamind.stage.spo.ValueTracker} remembers what prompts are worth, {@link
 * org.panamind.stage.spo.WeightedPrompts} chooses among them. {@link
 * org.panamind.stage.spo.MiniMindSpoRun} is MiniMind's form.
 */
package org.panamind.stage.spo;
