package org.panamind.stage.ppo;

import java.util.ArrayList;
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
import org.panamind.torch.DType;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;
import org.pf4j.Extension;

/** MiniMind's own updates on recorded answers, repeated by this stage and the host's loop. */
@Extension
public final class PpoGolden implements GoldenCheck {
  @Override
  public Set<String> cases() {
    return Set.of("ppo");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    var args = golden.expected().get("args");
    var training = GoldenDecoders.options(golden);
    String rate = String.valueOf(training.learningRate());
    var config =
        ConfigSchema.of(PpoConfig.class)
            .build(
                Map.of(
                    "clip_epsilon", args.get("clip_epsilon").asText(),
                    "vf_coef", args.get("vf_coef").asText(),
                    "kl_coef", args.get("kl_coef").asText(),
                    "update_old_actor_freq", args.get("update_old_actor_freq").asText(),
                    "learning_rate", rate,
                    "critic_learning_rate", args.path("critic_learning_rate").asText(rate),
                    "compat", training.compat().name()));
    var recorded = new RecordedRollouts(golden, trainer.device());
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        Decoder old = GoldenDecoders.read(golden, "init.safetensors", trainer.device());
        Critic critic = critic(golden, trainer);
        var policy =
            new Policy(
                decoder,
                GoldenDecoders.read(golden, "ref.safetensors", trainer.device()),
                recorded,
                null,
                MiniMindPpoRun.FORM,
                DType.FLOAT32)) {
      var run =
          new MiniMindPpoRun(
              policy,
              old,
              critic,
              config,
              new MiniMindPpoRun.BatchCount(),
              recorded.batches(1),
              golden.name(),
              null);
      var rows = trainer.train(run, training);
      var metrics =
          Map.of(
              "reward", "reward",
              "actor_loss", "actor_loss",
              "critic_loss", "critic_loss",
              "kl", "kl_moved",
              "kl_ref", "kl",
              "avg_response_len", "response_length");
      var found =
          new ArrayList<>(
              Trajectory.comparePolicy(
                  golden, rows, null, "actor_lr", metrics, decoder.parameters()));
      var norms = golden.expected().get("critic_final_norm_and_sum");
      found.add(Trajectory.weights(critic.parameters(), norms));
      return found;
    }
  }

  private static Critic critic(GoldenCase golden, Trainer trainer) {
    var critic = Critic.of(Decoder.random(GoldenDecoders.config(golden), trainer.device()), true);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var recorded = golden.weights("critic_init.safetensors");
      critic.parameters().forEach((name, weight) -> weight.copy_(recorded.get(name)));
    }
    return critic;
  }
}
