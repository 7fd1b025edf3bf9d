package org.panamind.dataset.jsonl;

/**
 * What became of a file's lines: {@code good + bad + blank = lines}.
 *
 * @param lines all lines
 * @param good lines that are records
 * @param bad lines that were left out
 * @param blank lines with nothing but white space
 * @param firstBad the first bad line in the form {@code file:line: what}, empty when there is none
 */
public record LineReport(long lines, long good, long bad, long blank, String firstBad) {}
