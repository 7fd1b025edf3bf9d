/**
 * Data for training, without tensors: what leaves this module is plain {@code int[]} and {@code
 * long[]} rows.
 *
 * <ul>
 *   <li>{@link org.panamind.dataset.jsonl}: streaming and random access to JSONL files, plain, gzip
 *       or zstd
 *   <li>{@link org.panamind.dataset.tokenizer}: encoding and decoding by a {@code tokenizer.json}
 *   <li>{@link org.panamind.dataset.sentencepiece}: encoding by a {@code tokenizer.model}
 *   <li>{@link org.panamind.dataset.bpe}: learning a byte-level BPE and writing its {@code
 *       tokenizer.json}
 *   <li>{@link org.panamind.dataset.order}: seeded orders, shares of ranks, held-out splits
 *   <li>{@link org.panamind.dataset.batch}: rows, packing, batches, background loading
 *   <li>{@link org.panamind.dataset.template}: chat templates, rendered as Python's Jinja does
 *   <li>{@link org.panamind.dataset.chat}: conversations, where their answers are, their tokens
 *   <li>{@link org.panamind.dataset.rows}: rows of conversations, pairs and prompts
 *   <li>{@link org.panamind.dataset.sample}: small texts and chats made from a seed
 * </ul>
 *
 * Data flows one way: {@code JsonlFile} → {@code Samples} → {@code Row} → {@code RowSource} (an
 * order over rows) → {@code BatchLoader} → {@code Batch}.
 */
package org.panamind.dataset;
