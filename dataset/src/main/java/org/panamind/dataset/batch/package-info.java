/**
 * Tokens to batches: a {@link org.panamind.dataset.batch.Row} is one sequence, a {@link
 * org.panamind.dataset.batch.RowSource} all rows of every epoch in their global order (one a text
 * by {@link org.panamind.dataset.batch.PretrainRows}, or packed by {@link
 * org.panamind.dataset.batch.PackedRows} with {@link org.panamind.dataset.batch.DocumentLengths}),
 * {@link org.panamind.dataset.batch.BatchPlan} says which rows make a {@link
 * org.panamind.dataset.batch.Batch} (or, by a {@link org.panamind.dataset.batch.BatchForm}, a batch
 * of another kind), and {@link org.panamind.dataset.batch.BatchLoader} makes them in the
 * background.
 */
package org.panamind.dataset.batch;
