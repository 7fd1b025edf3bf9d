/**
 * Stage plugins: jars in one folder, loaded by PF4J.
 *
 * <p>{@link org.panamind.host.plugin.StageCatalog} loads the folder and lists stages and refused
 * jars. A jar is examined before PF4J sees it, nothing is ever unpacked, and our own packages
 * always come from the host, so that a plugin's {@code Stage} is the host's {@code Stage}. A plugin
 * is trusted code: there is no sandbox.
 */
package org.panamind.host.plugin;
