package org.panamind.stage.rl;

import org.panamind.dataset.rows.PromptBatch;
import org.panamind.model.Decoder;
import org.panamind.stage.chat.ChatRun;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.DType;
import org.panamind.torch.Tensor;
import org.panamind.torch.Torch;

/**
 * A run whose decoder learns from its own answers. What follows from that is said here; a stage
 * says what {@link #losses} a batch of prompts yields.
 */
public interface PolicyRun extends ChatRun<PromptBatch> {
  /** What learns; closed with the run. */
  Policy policy();

  @Override
  default Decoder decoder() {
    return policy().decoder();
  }

  /**
   * Measures held-out prompts by their likeliest answers; the loss is the mean reward with the
   * other sign.
   */
  @Override
  default StepLoss forward(PromptBatch batch) {
    var said = policy().source().sample(batch, Drawing.LIKELIEST);
    int answers = said.countedAnswers();
    var metrics =
        new MeanMetrics(answers, decoder().device())
            .put("reward", said.meanReward())
            .put("response_length", said.meanLength());
    Tensor sum = Torch.full(-said.meanReward() * answers, DType.FLOAT32, decoder().device());
    return new StepLoss(sum, answers, said.countedTokens(), said.readTokens(), metrics.means());
  }

  @Override
  default double flopsPerToken(PromptBatch batch) {
    return decoder().config().trainingFlopsPerToken(batch.length());
  }

  @Override
  default void close() {
    policy().close();
    ChatRun.super.close();
  }
}
