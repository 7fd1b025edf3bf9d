/**
 * LibTorch for Java over the Foreign Function and Memory API.
 *
 * <ul>
 *   <li>{@link org.panamind.torch.Tensor}: a tensor, with the field's operators as methods
 *       (declared by topic in {@link org.panamind.torch.PointwiseOps} and its siblings); {@link
 *       org.panamind.torch.Torch}: tensors from nothing, and {@link org.panamind.torch.Op}, any
 *       operator of LibTorch by name.
 *   <li>{@link org.panamind.torch.TensorScope}: who frees what. Every tensor belongs to the
 *       innermost scope open on its thread and ends with it, unless kept.
 *   <li>{@link org.panamind.torch.DType}, {@link org.panamind.torch.Device}, {@link
 *       org.panamind.torch.Ix}: the words of signatures.
 *   <li>{@link org.panamind.torch.NoGrad}, {@link org.panamind.torch.Autocast}: states of the
 *       calling thread, as try-with-resources.
 *   <li>{@link org.panamind.torch.Nn}: functions of neural networks; {@link
 *       org.panamind.torch.AdamW}, {@link org.panamind.torch.Gradients}: what an optimizer step
 *       needs.
 *   <li>{@link org.panamind.torch.Generators}, {@link org.panamind.torch.Memory}: random state and
 *       memory figures.
 * </ul>
 *
 * Tensors, scopes and modes belong to platform threads: LibTorch keeps its state by carrier thread,
 * so a virtual thread is refused. All errors are {@link org.panamind.torch.TorchException}s.
 */
package org.panamind.torch;
