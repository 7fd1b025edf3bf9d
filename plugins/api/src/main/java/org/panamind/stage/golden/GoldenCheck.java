package org.panamind.stage.golden;

import java.util.List;
import java.util.Set;
import org.pf4j.ExtensionPoint;

/** Computes golden cases with the classes that training uses. */
public interface GoldenCheck extends ExtensionPoint {
  /** Names of the cases (of their folders) that this can compute. */
  Set<String> cases();

  /**
   * Computes one case and compares.
   *
   * @param golden what was expected
   * @param trainer the host's training loop
   * @return one entry for each thing compared, at least one
   */
  List<Deviation> run(GoldenCase golden, Trainer trainer);
}
