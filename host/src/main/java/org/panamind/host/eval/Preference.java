package org.panamind.host.eval;

import java.util.ArrayList;
import java.util.List;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.rows.PreferencePair;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.stage.Progress;

/**
 * Which of two answers a model finds likelier.
 *
 * @param pairs how many
 * @param right where the chosen answer is likelier as a whole
 * @param rightPerToken where it is likelier a token, so that a short answer has no advantage
 * @param margins log-probability of chosen less rejected, summed over pairs, in nats
 */
record Preference(long pairs, long right, long rightPerToken, double margins) {
  /** Of all pairs; an answer of no tokens, cut off by the longest row, loses. */
  static Preference of(
      Decoder decoder,
      Tokenizer tokenizer,
      Samples<PreferencePair> pairs,
      int batchSize,
      Progress progress) {
    long right = 0;
    long rightPerToken = 0;
    double margins = 0;
    for (long from = 0; from < pairs.size(); from += batchSize) {
      int count = (int) Math.min(batchSize, pairs.size() - from);
      List<Row> rows = new ArrayList<>();
      for (long i = from; i < from + count; i++) {
        PreferencePair pair = pairs.get(i);
        rows.add(pair.chosen());
        rows.add(pair.rejected());
      }
      Likelihood.Sums sums = Likelihood.sums(decoder, rows, tokenizer);
      for (int i = 0; i < count; i++) {
        double chosen = sums.logProbs()[2 * i];
        double rejected = sums.logProbs()[2 * i + 1];
        long chosenTokens = sums.counts()[2 * i];
        long rejectedTokens = sums.counts()[2 * i + 1];
        boolean whole = chosenTokens > 0 && rejectedTokens > 0;
        margins += chosen - rejected;
        if (whole && chosen > rejected) right++;
        if (whole && chosen / chosenTokens > rejected / rejectedTokens) rightPerToken++;
      }
      progress.update(from + count, "");
    }
    return new Preference(pairs.size(), right, rightPerToken, margins);
  }

  double accuracy() {
    return (double) right / pairs;
  }

  double accuracyPerToken() {
    return (double) rightPerToken / pairs;
  }

  double meanMargin() {
    return margins / pairs;
  }
}
