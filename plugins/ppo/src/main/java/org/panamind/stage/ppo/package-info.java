/**
 * Proximal policy optimisation: {@link org.panamind.stage.ppo.PpoRun} draws and learns, {@link
 * org.panamind.stage.ppo.Critic} expects rewards, {@link org.panamind.stage.ppo.Episodes} turns
 * both into advantages. {@link org.panamind.stage.ppo.MiniMindPpoRun} is MiniMind's form.
 */
package org.panamind.stage.ppo;
