/**
 * Tokenizers of the SentencePiece library, for models that have no {@code tokenizer.json}.
 *
 * <ul>
 *   <li>{@link org.panamind.dataset.sentencepiece.SentencePiece}: text to ids.
 *   <li>{@code PieceModel} reads {@code tokenizer.model} through {@code ProtoReader}; {@code
 *       PieceMerges} merges one text's symbols.
 * </ul>
 */
package org.panamind.dataset.sentencepiece;
