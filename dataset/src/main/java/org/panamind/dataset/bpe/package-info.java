/**
 * Learns a byte-level BPE: {@link org.panamind.dataset.bpe.BpeTrainer} counts words ({@code
 * WordSplitter}, {@code WordCounts}), learns merges ({@code MergeLearner} over {@code Words},
 * {@code PairTable}) and gives a {@link org.panamind.dataset.bpe.BpeVocabulary}, which writes
 * {@code tokenizer.json} ({@code TokenizerFiles}).
 */
package org.panamind.dataset.bpe;
