package org.panamind.stage.reward;

import org.panamind.stage.Console;
import org.panamind.torch.Device;

/**
 * The surroundings of a reward.
 *
 * @param console where it talks to its user; silent on all ranks but the first
 * @param device where weights go
 * @param reasoning whether replies are {@code <think>} and {@code <answer>} blocks
 */
public record RewardContext(Console console, Device device, boolean reasoning) {}
