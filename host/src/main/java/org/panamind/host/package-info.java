/**
 * The program: {@link org.panamind.host.Main} reads the command line and runs a stage or a command.
 *
 * <ul>
 *   <li>{@link org.panamind.host.Host}: from arguments to an exit code; all errors end here
 *   <li>{@link org.panamind.host.Command}, {@link org.panamind.host.Commands}: what {@code host
 *       NAME} can do, and the list of it
 *   <li>{@link org.panamind.host.StageRunner}: runs a stage of whichever kind
 *   <li>{@link org.panamind.host.HostOptions}: the flags that every stage and command takes
 *   <li>{@link org.panamind.host.ExitCode}: which error ends the process with which code
 * </ul>
 *
 * Beside it: {@link org.panamind.host.cli} (flags and help), {@link org.panamind.host.plugin}
 * (jars), {@link org.panamind.host.console} (lines, progress, logs), {@link
 * org.panamind.host.launch} (processes), {@link org.panamind.host.ranks} (what joins them).
 */
package org.panamind.host;
