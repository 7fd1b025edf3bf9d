package org.panamind.dataset.rows;

import org.panamind.dataset.batch.Row;

/**
 * Two answers to one prompt.
 *
 * @param chosen the prompt and the better answer
 * @param rejected the prompt and the worse answer
 * @param sample the pair's number in its data, for what is computed once and kept
 */
public record PreferencePair(Row chosen, Row rejected, long sample) {}
