package org.panamind.host.train;

import org.panamind.host.ranks.Faults;
import org.panamind.host.ranks.OneRank;
import org.panamind.host.ranks.Ranks;

/**
 * With whom a run trains.
 *
 * @param ranks the other processes
 * @param sharded whether each keeps a part of the optimizer's state
 * @param faults on purpose
 */
record Companions(Ranks ranks, boolean sharded, Faults faults) {
  /** Nobody. */
  static final Companions NONE = new Companions(new OneRank(), false, Faults.NONE);
}
