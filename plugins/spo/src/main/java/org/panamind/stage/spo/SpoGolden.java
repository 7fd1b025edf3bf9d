package org.panamind.stage.spo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.model.Decoder;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.RecordedRollouts;
import org.panamind.stage.golden.Trainer;
import org.panamind.stage.golden.Trajectory;
import org.panamind.stage.rl.Policy;
import org.panamind.stage.rl.TokenLogProbs;
import org.panamind.stage.train.RankSums;
import org.panamind.torch.DType;
import org.pf4j.Extension;

/** MiniMind's own updates on recorded answers, repeated by this stage and the host's loop. */
@Extension
public final class SpoGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("spo");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    var recorded = new RecordedRollouts(golden, trainer.device());
    var tracker = new MiniMindTracker();
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        var policy =
            new Policy(
                decoder,
                GoldenDecoders.read(golden, "ref.safetensors", trainer.device()),
                recorded,
                null,
                TokenLogProbs.Form.MINIMIND2,
                DType.FLOAT32)) {
      double beta = golden.expected().get("args").get("beta").asDouble();
      var batches = recorded.batches(1);
      var run =
          new MiniMindSpoRun(policy, beta, tracker, RankSums.ALONE, batches, golden.name(), null);
      var rows = trainer.train(run, GoldenDecoders.options(golden));
      var metrics = Map.of("reward", "reward", "baseline", "value", "rho", "rho", "kl", "kl");
      var found =
          new ArrayList<>(
              Trajectory.comparePolicy(
                  golden, rows, "policy_loss", "learning_rate", metrics, decoder.parameters()));
      found.add(compare(tracker.belief(), golden.expected().get("tracker")));
      return found;
    }
  }

  private static Deviation compare(Belief belief, JsonNode wanted) {
    double error =
        GoldenCase.larger(
            Math.abs(belief.alpha() - wanted.get("alpha").asDouble()),
            Math.abs(belief.beta() - wanted.get("beta").asDouble()));
    return new Deviation("the value tracker", error, GoldenCase.TRAJECTORY);
  }
}
