package org.panamind.stage.train;

import java.util.List;
import org.panamind.stage.Stage;

/**
 * A stage that trains. The host reads its options, opens a run, and drives it through the one
 * training loop.
 *
 * @param <C> the record of the stage's options; it holds a {@link TrainingOptions}
 */
public interface TrainingStage<C extends Record> extends Stage<C> {
  /** The shared options within the stage's own. */
  TrainingOptions training(C config);

  /** Where {@code --compat} changes what this stage does, for its help. */
  default List<Departure> departures() {
    return Departure.common();
  }

  /**
   * Loads data and models. The random generators are seeded before; tensors that outlive this call
   * must leave their scope ({@link org.panamind.torch.Tensor#keepForever}).
   *
   * @param config the resolved options; their bounds were checked by the record
   * @return to be closed by the host
   * @throws org.panamind.stage.StageException if the user has to mend something
   */
  TrainingRun<?> open(C config, TrainingContext context);
}
