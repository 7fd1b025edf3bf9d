package org.panamind.model;

import org.panamind.torch.Tensor;

/**
 * What a forward pass gives; both are owned by the current scope.
 *
 * @param hidden final hidden states behind the last norm, [B, T, C]
 * @param auxLoss the experts' balance loss, weighted and summed over the layers, no axis, float32;
 *     null outside training and without experts
 */
public record Activations(Tensor hidden, Tensor auxLoss) {}
