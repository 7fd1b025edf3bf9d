package org.panamind.stage.grpo;

/** What a reward's distance from its group's mean is divided by. */
public enum Scale {
  /** The group's standard deviation. */
  GROUP,
  /** That of all rewards of the batch, over all ranks (Liu et al. 2025, arXiv:2508.08221). */
  BATCH,
  /** Nothing (Liu et al. 2025, arXiv:2503.20783, section 3.1). */
  NONE
}
