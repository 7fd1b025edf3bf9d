/**
 * Weight files. Four doors: {@link org.panamind.model.weights.Weights} opens a file of either
 * format and compares it with a model, {@link org.panamind.model.weights.WeightFolder} those of a
 * Hugging Face folder, be they in one file or many, {@link org.panamind.model.weights.Safetensors}
 * reads and writes the default format, {@link org.panamind.model.weights.PthFile} reads and writes
 * the one of {@code torch.save}.
 *
 * <p>A tensor is a {@link org.panamind.model.weights.StoredTensor}: a name, an {@link
 * org.panamind.model.weights.ElementType}, a shape and a slice of the mapped file, which a {@link
 * org.panamind.model.weights.WeightFile} owns. {@link org.panamind.model.weights.Precision}
 * converts between float32 and the half types.
 *
 * <p>Files are foreign data. Whatever they hold, reading ends in values or in one {@link
 * org.panamind.model.weights.WeightException}: {@code SafetensorsHeader} and {@code ZipArchive}
 * check each length and offset before use, and {@code Unpickler}, {@code TensorCalls}, {@code
 * TorchStorages} and {@code PickleTree} build {@link org.panamind.model.weights.PickleValue}s from
 * a pickle and nothing else. {@code PartialFile} puts every written file in place whole or not at
 * all.
 */
package org.panamind.model.weights;
