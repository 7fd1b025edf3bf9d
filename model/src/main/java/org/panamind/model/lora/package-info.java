/**
 * Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685): small matrices beside frozen weights.
 *
 * <ul>
 *   <li>{@link org.panamind.model.lora.LoraConfig}: which layers, which rank.
 *   <li>{@link org.panamind.model.lora.LoraAdapters}: the matrices of one decoder: attach, train,
 *       write, read, merge.
 * </ul>
 */
package org.panamind.model.lora;
