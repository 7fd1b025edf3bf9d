/**
 * Text to token ids and back: {@link org.panamind.dataset.tokenizer.Tokenizer} and its
 * implementation over Hugging Face's library, {@link
 * org.panamind.dataset.tokenizer.HuggingFaceTokenizer} ({@code TokenizerJson} reads the files,
 * {@code NativeTokenizer} calls the library). {@link
 * org.panamind.dataset.tokenizer.StreamingDecoder} gives text while ids still come.
 */
package org.panamind.dataset.tokenizer;
