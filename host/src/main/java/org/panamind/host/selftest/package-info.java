/**
 * {@code host selftest}: golden cases on this machine. {@link
 * org.panamind.host.selftest.ModelGolden} checks the decoder itself; the stages bring checks of
 * their own.
 */
package org.panamind.host.selftest;
