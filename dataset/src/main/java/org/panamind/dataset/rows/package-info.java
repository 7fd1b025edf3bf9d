/**
 * Rows of conversations, one kind a stage: {@link org.panamind.dataset.rows.SftRows} (answers as
 * labels, by {@link org.panamind.dataset.rows.ChatOptions}), {@link
 * org.panamind.dataset.rows.TagRows} (the same with a weight for each token, {@link
 * org.panamind.dataset.rows.WeightedRow}), {@link org.panamind.dataset.rows.PreferenceRows} ({@link
 * org.panamind.dataset.rows.PreferencePair}s of two answers) and {@link
 * org.panamind.dataset.rows.PromptRows} ({@link org.panamind.dataset.rows.Prompt}s to be answered).
 * Each kind has its batch and the {@link org.panamind.dataset.batch.BatchForm} that makes it, so
 * that {@link org.panamind.dataset.batch.BatchLoader} loads them all.
 */
package org.panamind.dataset.rows;
