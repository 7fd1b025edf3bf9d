/**
 * LibTorch for Java over the Foreign Function and Memory API.
 *
 * <ul>
 *   <li>{@link Tensor}: a tensor, with the field's operators as methods (declared by topic in
 *       {@link PointwiseOps} and its siblings); {@link Torch}: tensors from nothing, and {@link
 *       Op}, any operator of LibTorch by name.
 *   <li>{@link TensorScope}: who frees what. Every tensor belongs to the innermost scope open on
 *       its thread and ends with it, unless kept.
 *   <li>{@link DType}, {@link Device}, {@link Ix}: the words of signatures.
 *   <li>{@link NoGrad}, {@link Autocast}: states of the calling thread, as try-with-resources.
 *   <li>{@link Nn}: functions of neural networks; {@link AdamW}, {@link Gradients}: what an
 *       optimizer step needs.
 *   <li>{@link Generators}, {@link Memory}: random state and memory figures.
 *   <li>{@link Store}, {@link ProcessGroup} with its {@link Collective}s over a {@link Backend},
 *       {@link GradientReducer}, {@link SharedParameters}: several ranks that train one model.
 * </ul>
 *
 * Tensors, scopes and modes belong to platform threads: LibTorch keeps its state by carrier thread,
 * so a virtual thread is refused. All errors are {@link TorchException}s.
 */
package org.panamind.torch;
