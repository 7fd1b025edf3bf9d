/**
 * {@code host bench}: how fast this machine is with Panamind, as ratios measured side by side in
 * one run.
 *
 * <ul>
 *   <li>{@link org.panamind.host.bench.BenchCommand}: what is measured and printed
 *   <li>{@link org.panamind.host.bench.Section}: its parts
 *   <li>{@link org.panamind.host.bench.Contender}: something that takes a training step or writes
 *       texts: this project or MiniMind's Python
 *   <li>{@link org.panamind.host.bench.RolloutBench}: tokens a second of rollouts
 *   <li>{@link org.panamind.host.bench.MemoryBench}: memory of a step of reinforcement learning
 *   <li>{@link org.panamind.host.bench.ReductionBench}: ranks between which gradients are reduced
 * </ul>
 */
package org.panamind.host.bench;
