/**
 * Hugging Face's form of a model: a folder with {@code config.json}, weights in one file or many,
 * the tokenizer's files and {@code generation_config.json}.
 *
 * <ul>
 *   <li>{@link org.panamind.model.hub.HubFolder}: writes and reads such a folder.
 *   <li>{@link org.panamind.model.hub.HubConfig}: {@code config.json} to {@link
 *       org.panamind.model.ModelConfig} and back: LlamaForCausalLM for dense MiniMind2,
 *       Qwen3ForCausalLM and Qwen3MoeForCausalLM for minimind-3, and MiniMind's own form and
 *       InternLM2 read only.
 *   <li>{@link org.panamind.model.hub.ScoringDecoder}: a reward model, read from such a folder.
 *   <li>{@link org.panamind.model.hub.HubExport}: what a folder holds besides the model.
 * </ul>
 */
package org.panamind.model.hub;
