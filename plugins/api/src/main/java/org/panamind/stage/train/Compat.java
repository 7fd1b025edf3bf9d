package org.panamind.stage.train;

/** Whose forms a stage follows where MiniMind departs from the paper or from its own README. */
public enum Compat {
  /** The correct ones. */
  NONE,
  /** MiniMind2's, as of 2026-03. */
  MINIMIND2,
  /** minimind-3's, as of 2026-08. */
  MINIMIND3
}
