/**
 * Trained models for commands to use: a {@link org.panamind.host.text.ModelChoice} on the command
 * line gives a {@link org.panamind.host.text.LoadedDecoder}, or with its tokenizer a {@link
 * org.panamind.host.text.LoadedModel}. {@code host generate} continues a prompt.
 */
package org.panamind.host.text;
