/**
 * Pictures of a run's log.
 *
 * <ul>
 *   <li>{@link org.panamind.host.plot.PlotCommand}: {@code host plot}.
 *   <li>{@code Curve}: one column of one {@code metrics.jsonl}.
 *   <li>{@code Chart}, {@code Axis}: curves as SVG.
 * </ul>
 */
package org.panamind.host.plot;
