/**
 * Golden cases: what another implementation computed, and how far this one is from it on this
 * machine. Stages bring a {@link org.panamind.stage.golden.GoldenCheck} for the cases they can
 * compute; {@code host selftest} runs them all.
 */
package org.panamind.stage.golden;
