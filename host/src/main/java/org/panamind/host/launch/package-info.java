/**
 * How one command becomes several processes, a rank each.
 *
 * <ul>
 *   <li>{@link org.panamind.host.launch.LaunchOptions}: the flags
 *   <li>{@link org.panamind.host.launch.LaunchPlan}: what flags and environment ask for: to run
 *       alone, to be a rank, or to start ranks
 *   <li>{@link org.panamind.host.launch.RankEnvironment}: a rank's place, as torchrun, Slurm, Open
 *       MPI or our own launcher state it
 *   <li>{@link org.panamind.host.launch.Launcher}: starts the ranks of this machine, ends them
 *       together and starts them again
 *   <li>{@link org.panamind.host.launch.LauncherLink}: a rank's side of the tie to its launcher
 *   <li>{@link org.panamind.host.launch.ErrorFile}: why a rank failed, for torchrun
 * </ul>
 */
package org.panamind.host.launch;
