/**
 * MiniMind's decoders on the bindings' tensors.
 *
 * <ul>
 *   <li>{@link org.panamind.model.ModelConfig}: sizes and choices of a decoder: its {@link
 *       org.panamind.model.Architecture}, {@link org.panamind.model.Yarn}, {@link
 *       org.panamind.model.Experts}.
 *   <li>{@link org.panamind.model.Decoder}: ids to hidden states ({@link
 *       org.panamind.model.Activations}) to logits; made of blocks of attention and feed-forward
 *       over projections, to which an {@link org.panamind.model.Adapter} can be added, and a table
 *       of rotations.
 *   <li>{@link org.panamind.model.KvCache}: keys and values of earlier tokens, for decoding one by
 *       one.
 *   <li>{@link org.panamind.model.Sampling}, {@link org.panamind.model.TextGenerator}: from logits
 *       to the next token, and from a prompt to its continuation.
 *   <li>{@link org.panamind.model.DecoderFiles}: a decoder's weights to files and back, over {@link
 *       org.panamind.model.TensorFiles}.
 * </ul>
 *
 * Around it: {@code lora} trains adapters, {@code rollout} generates in batches, {@code hub} is
 * Hugging Face's form of a model, {@code weights} the file formats.
 *
 * <p>* Shapes in comments and javadoc use one alphabet: B batch, T time, C model width, H heads, K
 * kv-heads, D head width, V vocabulary, E experts, F feed-forward width; for reinforcement learning
 * G group, N = B*G samples, P prompt, R response.
 */
package org.panamind.model;
