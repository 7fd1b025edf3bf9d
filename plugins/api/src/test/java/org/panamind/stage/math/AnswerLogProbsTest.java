package org.panamind.stage.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.dataset.batch.Batch;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.order.Cursor;
import org.panamind.model.Decoder;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class AnswerLogProbsTest {
  private static final int NONE = Row.IGNORED;
  private static final Batch BATCH =
      Batch.of(
          List.of(
              Row.of(new int[] {5, 6, 7, 8}, new int[] {5, NONE, 7, 8}),
              Row.of(new int[] {9, 10}, new int[] {NONE, NONE}),
              Row.of(new int[] {11, 12, 13}, new int[] {NONE, NONE, 13})),
          0,
          Cursor.START);

  @Test
  void sumsOverEachRowsSupervisedTokens() {
    Generators.seed(5);
    try (var decoder = Decoder.random(StageFolder.sizes(32), Device.CPU);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var hidden = NextToken.pass(decoder, BATCH).hidden();
      double[] all = decoder.logits(hidden).logSoftmax(-1).toDoubleArray();
      var found = AnswerLogProbs.of(decoder, hidden, BATCH);
      double first = at(all, 0, 1, 7) + at(all, 0, 2, 8);
      double third = at(all, 2, 1, 13);
      float[] sums = found.sums().toFloatArray();
      assertArrayEquals(new float[] {(float) first, 0, (float) third}, sums, 1e-4f);
      assertArrayEquals(new long[] {2, 0, 1}, found.counts());
      float[] means = {(float) first / 2, 0, (float) third};
      assertArrayEquals(means, found.means().toFloatArray(), 1e-4f);
      assertEquals(-sums[0] - sums[2], NextToken.loss(decoder, BATCH).sum().item(), 1e-4);
    }
  }

  private static double at(double[] all, int row, int t, int id) {
    return all[(row * BATCH.length() + t) * StageFolder.VOCABULARY + id];
  }

  @Test
  void gradientIsThatOfTheCrossEntropy() {
    Generators.seed(5);
    try (var decoder = Decoder.random(StageFolder.sizes(32), Device.CPU);
        var scope = TensorScope.open()) {
      AnswerLogProbs.of(decoder, NextToken.pass(decoder, BATCH).hidden(), BATCH)
          .sums()
          .sum()
          .neg()
          .backward();
      float[] one = taken(decoder);
      NextToken.loss(decoder, BATCH).sum().backward();
      assertArrayEquals(one, taken(decoder), 1e-4f);
    }
  }

  private static float[] taken(Decoder decoder) {
    Tensor gradient = decoder.parameters().get("model.embed_tokens.weight").grad();
    float[] values = gradient.toFloatArray();
    gradient.zero_();
    return values;
  }
}
