package org.panamind.stage.grpo;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.model.Decoder;
import org.panamind.stage.config.ConfigSchema;
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
public final class GrpoGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("grpo");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    var args = golden.expected().get("args");
    int each = args.get("num_generations").asInt();
    var training = GoldenDecoders.options(golden);
    var config =
        ConfigSchema.of(GrpoConfig.class)
            .build(
                Map.of(
                    "num_generations", String.valueOf(each),
                    "beta", args.get("beta").asText(),
                    "max_gen_len", args.get("max_gen_len").asText(),
                    "compat", training.compat().name()));
    var recorded = new RecordedRollouts(golden, trainer.device());
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        var policy =
            new Policy(
                decoder,
                GoldenDecoders.read(golden, "ref.safetensors", trainer.device()),
                recorded,
                null,
                TokenLogProbs.Form.MINIMIND2,
                DType.FLOAT32)) {
      var run =
          new GrpoRun(policy, config, RankSums.ALONE, recorded.batches(each), golden.name(), null);
      var rows = trainer.train(run, training);
      var metrics = Map.of("reward", "reward", "avg_response_len", "response_length");
      return Trajectory.comparePolicy(
          golden, rows, "policy_loss", "learning_rate", metrics, decoder.parameters());
    }
  }
}
