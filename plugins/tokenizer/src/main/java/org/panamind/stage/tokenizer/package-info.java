/**
 * The stage {@code tokenizer}: {@link org.panamind.stage.tokenizer.TokenizerStage} learns a
 * vocabulary as {@link org.panamind.stage.tokenizer.TokenizerConfig} says and checks it by {@link
 * org.panamind.stage.tokenizer.RoundTrip}.
 */
package org.panamind.stage.tokenizer;
