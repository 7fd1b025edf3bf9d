package org.panamind.dataset.sample;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Made-up conversations in MiniMind's formats, one kind a stage. Beside the conversation each
 * record has its {@code task} and {@code answer} for {@link TaskCheck}; they are those of the last
 * turn.
 */
public final class SampleChats implements SampleGenerator {
  /** Exercises with their answers, some two in a row. */
  public static final SampleChats SFT = new SampleChats("sft", 8000, 300, SampleChats::answered);

  /**
   * Two things to choose from, of which the one named first is preferred. Supervised training has
   * seen either chosen as often, so a model begins at about one half.
   */
  public static final SampleChats DPO = new SampleChats("dpo", 2000, 200, SampleChats::preferred);

  /** Exercises whose answer is left to the model. */
  public static final SampleChats RLAIF = new SampleChats("rlaif", 2000, 200, SampleChats::asked);

  /**
   * Exercises that nobody checked: two answers in five belong to another question of the kind. A
   * student that has these alone learns slowly what is right, a teacher knows better. The record's
   * {@code answer} is right always.
   */
  public static final SampleChats DISTILL =
      new SampleChats("distill", 8000, 300, SampleChats::carelesslyAnswered);

  /** Exercises with a line of thought before the answer. */
  public static final SampleChats DISTILL_REASON =
      new SampleChats("distill_reason", 4000, 200, SampleChats::reasoned);

  /** A name and a maker for the model, among exercises, lest it forget these while it learns. */
  public static final SampleChats LORA_IDENTITY =
      new SampleChats("lora_identity", 1200, 120, SampleChats::identityOrExercise);

  /** All kinds. */
  public static final List<SampleChats> ALL =
      List.of(SFT, DPO, RLAIF, DISTILL, DISTILL_REASON, LORA_IDENTITY);

  private final String name;
  private final int trainingCount;
  private final int heldOutCount;
  private final Function<RandomGenerator, ObjectNode> make;

  private SampleChats(
      String name,
      int trainingCount,
      int heldOutCount,
      Function<RandomGenerator, ObjectNode> make) {
    this.name = name;
    this.trainingCount = trainingCount;
    this.heldOutCount = heldOutCount;
    this.make = make;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ObjectNode next(RandomGenerator random) {
    return make.apply(random);
  }

  /**
   * Writes this kind's two files, with as many records as a first run of minutes needs.
   *
   * @see SampleFiles#write
   */
  public SampleFiles write(Path folder, long seed) {
    return SampleFiles.write(folder, this, seed, trainingCount, heldOutCount);
  }

  private static ObjectNode answered(RandomGenerator random) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    ArrayNode turns = record.putArray("conversations");
    if (random.nextInt(5) == 0) {
      Exercise before = Exercises.any(random);
      turn(turns, "user", before.question());
      turn(turns, "assistant", said(before, random));
    }
    Exercise exercise = Exercises.any(random);
    turn(turns, "user", exercise.question());
    turn(turns, "assistant", said(exercise, random));
    return checked(record, exercise);
  }

  private static ObjectNode carelesslyAnswered(RandomGenerator random) {
    Exercise exercise = Exercises.any(random);
    Exercise answered = exercise;
    if (random.nextInt(5) < 2) {
      do answered = Exercises.any(random);
      while (!answered.task().equals(exercise.task()));
    }
    return conversation(exercise, said(answered, random));
  }

  private static ObjectNode identityOrExercise(RandomGenerator random) {
    if (random.nextBoolean()) return SampleIdentity.record(random);
    Exercise exercise = Exercises.any(random);
    return conversation(exercise, said(exercise, random));
  }

  private static ObjectNode preferred(RandomGenerator random) {
    Exercise exercise = Exercises.pick(random);
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < 2; i++) {
      ArrayNode turns = record.putArray(i == 0 ? "chosen" : "rejected");
      turn(turns, "user", exercise.question());
      turn(turns, "assistant", TaskCheck.rightOnes(exercise.answer())[i]);
    }
    return record
        .put("task", exercise.task())
        .put("answer", TaskCheck.rightOnes(exercise.answer())[0]);
  }

  private static ObjectNode asked(RandomGenerator random) {
    Exercise exercise = Exercises.toSolve(random);
    return conversation(exercise, "无");
  }

  private static ObjectNode reasoned(RandomGenerator random) {
    Exercise exercise = Exercises.toSolve(random);
    return conversation(
        exercise,
        "<think>\n%s\n</think>\n<answer>\n%s\n</answer>"
            .formatted(exercise.thinking(), exercise.answer()));
  }

  private static ObjectNode conversation(Exercise exercise, String answer) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    ArrayNode turns = record.putArray("conversations");
    turn(turns, "user", exercise.question());
    turn(turns, "assistant", answer);
    return checked(record, exercise);
  }

  private static String said(Exercise exercise, RandomGenerator random) {
    String[] right = TaskCheck.rightOnes(exercise.answer());
    return right[random.nextInt(right.length)];
  }

  static void turn(ArrayNode turns, String role, String content) {
    turns.addObject().put("role", role).put("content", content);
  }

  private static ObjectNode checked(ObjectNode record, Exercise exercise) {
    return record.put("task", exercise.task()).put("answer", exercise.answer());
  }
}
