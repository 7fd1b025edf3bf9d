package org.panamind.reward.internlm2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.panamind.model.hub.ScoringDecoder;
import org.panamind.reward.AnswerBlock;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;

/** Scores by a model, in batches of rows that are about equally long. */
final class ModelScores implements Reward {
  private static final int DATA = 65;
  private static final double LIMIT = 3;
  private static final double ANSWER_SHARE = 0.6;

  /** Most tokens of one pass, padding counted; a longer row goes alone. */
  private static final int BATCH_TOKENS = 8192;

  private final ScoringDecoder model;
  private final RewardChat chat;
  private final boolean reasoning;

  /** Takes the model over. */
  ModelScores(ScoringDecoder model, RewardChat chat, boolean reasoning) {
    this.model = model;
    this.chat = chat;
    this.reasoning = reasoning;
  }

  @Override
  public double[] score(List<Reply> replies) {
    var rows = new ArrayList<int[]>();
    for (Reply reply : replies) rows.add(chat.encode(reply.asked(), reply.text()));
    var answerRow = new int[replies.size()]; // Each reply's row of its answer alone, 0 for none.
    for (int i = 0; reasoning && i < answerRow.length; i++) {
      var answer = AnswerBlock.in(replies.get(i).text());
      if (answer.isEmpty()) continue;
      answerRow[i] = rows.size();
      rows.add(chat.encode(replies.get(i).asked(), answer.get()));
    }
    rows.forEach(this::requireFitting);
    double[] scores = clippedScores(rows);
    return IntStream.range(0, answerRow.length)
        .mapToDouble(
            i ->
                answerRow[i] == 0
                    ? scores[i]
                    : (1 - ANSWER_SHARE) * scores[i] + ANSWER_SHARE * scores[answerRow[i]])
        .toArray();
  }

  private void requireFitting(int[] row) {
    int most = model.config().maxPositions();
    if (row.length > most)
      throw new StageException(
          DATA,
          "--reward internlm2: a prompt and its reply are %d tokens of the reward model, which takes"
                  .formatted(row.length)
              + " %d; leave out such prompts or lower --max_gen_len".formatted(most));
  }

  private double[] clippedScores(List<int[]> rows) {
    var scores = new double[rows.size()];
    var order =
        IntStream.range(0, rows.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -rows.get(i).length))
            .toList();
    for (int from = 0; from < order.size(); ) {
      int fitting = Math.max(1, BATCH_TOKENS / rows.get(order.get(from)).length);
      var batch = order.subList(from, Math.min(order.size(), from + fitting));
      double[] part = model.scores(batch.stream().map(rows::get).toList());
      for (int k = 0; k < part.length; k++)
        scores[batch.get(k)] = Math.clamp(part[k], -LIMIT, LIMIT);
      from += part.length;
    }
    return scores;
  }

  @Override
  public void close() {
    model.close();
  }
}
