/**
 * What the user sees: {@link org.panamind.host.console.StreamConsole} prints lines and progress (a
 * bar on a {@link org.panamind.host.console.Terminal}, else plain lines), {@link
 * org.panamind.host.console.Logs} sets what libraries may log.
 */
package org.panamind.host.console;
