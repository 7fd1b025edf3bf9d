package org.panamind.stage.chat;

import java.nio.file.Path;
import java.util.List;
import org.panamind.model.Decoder;
import org.panamind.stage.Console;
import org.panamind.stage.options.SavedWeights;
import org.panamind.stage.train.ParameterGroup;
import org.panamind.stage.train.TrainingRun;

/**
 * A run that trains a decoder on conversations. What follows from these two is said here, so that a
 * stage, best a record with the components {@code decoder}, {@code data}, {@code outputName} and
 * {@code chat}, says no more than how its loss comes about.
 *
 * @param <B> what the stage calls a batch
 */
public interface ChatRun<B> extends TrainingRun<B> {
  /** What is trained; closed with the run. */
  Decoder decoder();

  /** What it is trained on; closed with the run. Null over recorded batches. */
  ChatFiles chat();

  /** All weights of {@link #decoder}. */
  @Override
  default List<ParameterGroup> groups() {
    return List.of(new ParameterGroup("model", decoder().parameters(), 1));
  }

  @Override
  default void training(boolean on) {
    decoder().training(on);
  }

  @Override
  default void writeWeights(Path safetensors) {
    SavedWeights.write(safetensors, decoder(), chat().tokenizerFolder());
  }

  /** Answers a question that was not trained on. */
  @Override
  default void show(Console console) {
    console.info(
        "the model answers: " + Answer.shown(decoder(), chat().encoder(), chat().question()));
  }

  @Override
  default void close() {
    if (chat() != null) chat().close();
    decoder().close();
  }
}
