/**
 * MiniMind's decoders on the bindings' tensors.
 *
 * <ul>
 *   <li>{@link org.panamind.model.ModelConfig}: sizes and choices of a decoder, with {@link
 *       org.panamind.model.Yarn}.
 *   <li>{@link org.panamind.model.Decoder}: ids to hidden states to logits; made of blocks of
 *       attention and feed-forward over {@link org.panamind.model.Projection}s and a table of
 *       rotations.
 *   <li>{@link org.panamind.model.KvCache}: keys and values of earlier tokens, for decoding one by
 *       one.
 *   <li>{@link org.panamind.model.Sampling}, {@link org.panamind.model.TextGenerator}: from logits
 *       to the next token, and from a prompt to its continuation.
 *   <li>{@link org.panamind.model.DecoderFiles}: a decoder's weights to files and back.
 * </ul>
 *
 * Shapes in comments and javadoc use one alphabet: B batch, T time, C model width, H heads, K
 * kv-heads, D head width, V vocabulary, E experts, F feed-forward width; for reinforcement learning
 * G group, N = B*G samples, P prompt, R response.
 */
package org.panamind.model;
