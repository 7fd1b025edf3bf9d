package org.panamind.stage.train;

import java.util.Map;
import org.panamind.torch.Tensor;

/**
 * Parameters that one optimizer trains and whose gradients are clipped together.
 *
 * @param name in logs and checkpoints, for example {@code model}, {@code critic}
 * @param parameters by name, borrowed from the run
 * @param rate multiplies the schedule's learning rate
 */
public record ParameterGroup(String name, Map<String, Tensor> parameters, double rate) {}
