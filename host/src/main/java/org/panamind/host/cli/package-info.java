/**
 * The command line: {@link org.panamind.host.cli.Arguments} holds the words, {@link
 * org.panamind.host.cli.FlagParser} reads flags by Commons CLI, {@link
 * org.panamind.host.cli.HelpPage} writes the help.
 */
package org.panamind.host.cli;
