package org.panamind.stage.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.panamind.dataset.bpe.BpeTrainer;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.sample.SampleText;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfig;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;
import org.panamind.stage.config.ConfigSchema;
import org.panamind.stage.config.OptionSpec;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.reward.RewardModel;
import org.panamind.stage.train.RankSums;
import org.panamind.stage.train.TrainingContext;
import org.panamind.stage.train.TrainingRun;
import org.panamind.stage.train.TrainingStage;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;

/** A save folder as stages leave it, with a tokenizer of 320 tokens and small random weights. */
public final class StageFolder {
  /** Size of the vocabulary. */
  public static final int VOCABULARY = 320;

  private final Path folder;
  private final Path tokenizer;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
  private final List<RewardModel> rewards = new ArrayList<>();

  /** Writes {@code tokenizer} into a folder. */
  public StageFolder(Path folder) {
    this.folder = folder;
    this.tokenizer = tokenizer("tokenizer", 7);
  }

  /** Where all lies. */
  public Path path() {
    return folder;
  }

  /** Learns a tokenizer; another seed gives other merges. */
  public Path tokenizer(String name, int seed) {
    var random = new Random(seed);
    var texts =
        Stream.generate(() -> new SampleText().next(random).get("text").textValue()).limit(300);
    new BpeTrainer(VOCABULARY, BpeTrainer.CHATML_TOKENS, 1)
        .train(texts.iterator())
        .writeTo(folder.resolve(name));
    return folder.resolve(name);
  }

  /** A small config: two layers, four heads. */
  public static ModelConfig sizes(int hiddenSize) {
    return ModelConfig.minimind2(VOCABULARY, hiddenSize, 2, 4, 2, 64, 2048, 1e6, null, 0);
  }

  /** Writes random weights as {@code <name>_<hidden>.safetensors}, trained with the tokenizer. */
  public Path weights(String name, ModelConfig config) {
    return weights(name, config, tokenizer);
  }

  /** The same with weights so large that tokens differ in probability, and answers in length. */
  public Path sharpWeights(String name, ModelConfig config) {
    Generators.seed(config.hiddenSize());
    var file = folder.resolve(SavedWeights.nameOf(name, config) + ".safetensors");
    try (var decoder = Decoder.random(config, Device.CPU);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      decoder.parameters().values().stream().filter(p -> p.dim() == 2).forEach(p -> p.mul_(6));
      SavedWeights.write(file, decoder, tokenizer);
    }
    return file;
  }

  /** The same, trained with another tokenizer. */
  public Path weights(String name, ModelConfig config, Path trainedWith) {
    Generators.seed(config.hiddenSize());
    var file = folder.resolve(SavedWeights.nameOf(name, config) + ".safetensors");
    try (var decoder = Decoder.random(config, Device.CPU)) {
      SavedWeights.write(file, decoder, trainedWith);
    }
    return file;
  }

  /** Writes records, one a line. */
  public Path data(String... records) {
    try {
      return Files.write(folder.resolve("data.jsonl"), List.of(records));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line of a conversation of one question and its answer. */
  public static String asked(String question, String answer) {
    return "{\"conversations\": [%s, %s]}"
        .formatted(message("user", question), message("assistant", answer));
  }

  /** A line of a pair of answers to one question. */
  public static String pair(String question, String chosen, String rejected) {
    return "{\"chosen\": [%s, %s], \"rejected\": [%s, %s]}"
        .formatted(
            message("user", question),
            message("assistant", chosen),
            message("user", question),
            message("assistant", rejected));
  }

  private static String message(String role, String content) {
    return "{\"role\": \"%s\", \"content\": \"%s\"}".formatted(role, content);
  }

  /** Opens a stage's run as the host does: preset, then what is given. */
  public <C extends Record, R extends TrainingRun<?>> R open(
      TrainingStage<C> stage, Map<String, String> given) {
    return open(stage, given, RankShare.ALONE, RankSums.ALONE);
  }

  /** The same on one of several ranks. */
  @SuppressWarnings("unchecked")
  public <C extends Record, R extends TrainingRun<?>> R open(
      TrainingStage<C> stage, Map<String, String> given, RankShare share, RankSums ranks) {
    var values = new HashMap<>(stage.preset(given));
    values.put("save_dir", folder.toString());
    values.put("checkpoint_dir", folder.resolve("checkpoints").toString());
    values.put("val_share", "0");
    values.putAll(given);
    var config = ConfigSchema.of(stage.config()).build(values);
    Generators.seed(stage.training(config).seed());
    // On the CPU, with the rewards that were installed.
    var context =
        new TrainingContext(new Lines(), Device.CPU, DType.FLOAT32, share, ranks, rewards);
    return (R) stage.open(config, context);
  }

  /** Installs a kind of reward. */
  public void install(RewardModel reward) {
    rewards.add(reward);
  }

  /** The first training batch of a run. */
  public static <B> B firstBatch(TrainingRun<B> run) {
    try (var batches = run.data().training(Cursor.START, 1)) {
      return batches.next().orElseThrow();
    }
  }

  /** A stage's flags in their order. */
  public static List<String> flags(TrainingStage<?> stage) {
    return ConfigSchema.of(stage.config()).options().stream().map(OptionSpec::flag).toList();
  }

  /** What was said to the user. */
  public List<String> lines() {
    return lines;
  }

  private final class Lines implements Console {
    @Override
    public void info(String line) {
      lines.add(line);
    }

    @Override
    public void warn(String line) {
      lines.add("warning: " + line);
    }

    @Override
    public Progress progress(String task, long total, String unit) {
      throw new AssertionError("opening a run reports no progress");
    }
  }
}
