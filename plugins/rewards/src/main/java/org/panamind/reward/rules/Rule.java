package org.panamind.reward.rules;

import org.panamind.stage.reward.Reply;

/** Says what one reply is worth. */
@FunctionalInterface
interface Rule {
  double score(Reply reply);
}
