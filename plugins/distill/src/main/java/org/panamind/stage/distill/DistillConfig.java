package org.panamind.stage.distill;

import org.panamind.model.Architecture;
import org.panamind.stage.chat.ChatChance;
import org.panamind.stage.config.Bounds;
import org.panamind.stage.config.Option;
import org.panamind.stage.options.DataOptions;
import org.panamind.stage.options.StartOptions;
import org.panamind.stage.train.TrainingOptions;

/**
 * What the distill stage can be told. The defaults are MiniMind2's.
 *
 * @param data the conversations
 * @param chance what is changed in them by chance
 * @param fromStudentWeight weights that the student goes on from, or null
 * @param studentHiddenSize the student's width, or null
 * @param studentNumLayers the student's blocks, or null
 * @param studentNumAttentionHeads the student's query heads, or null
 * @param studentArch the student's generation, or null
 * @param studentUseMoe whether the student has experts
 * @param fromTeacherWeight the teacher's weights
 * @param teacherHiddenSize the teacher's width, or null
 * @param teacherNumLayers the teacher's blocks, or null
 * @param teacherUseMoe whether the teacher has experts
 * @param alpha share of the cross-entropy
 * @param temperature of both distributions
 * @param training the loop
 */
public record DistillConfig(
    @Option(group = "Data") DataOptions data,
    @Option(group = "Data") ChatChance chance,
    @Option(
            help = "student: a name in --save_dir or a file; none starts at random",
            group = "Student")
        String fromStudentWeight,
    @Option(help = "student's width; none takes the weights'", group = "Student")
        Integer studentHiddenSize,
    @Option(help = "student's number of blocks; none takes the weights'", group = "Student")
        Integer studentNumLayers,
    @Option(
            help = "student's query heads; none takes the weights', 8 for a random student",
            group = "Student")
        Integer studentNumAttentionHeads,
    @Option(
            help = "student's generation; none takes the weights', minimind2 for a random student",
            group = "Student")
        Architecture studentArch,
    @Option(help = "1 for a student with experts", group = "Student") boolean studentUseMoe,
    @Option(help = "teacher: a name in --save_dir or a file", group = "Teacher")
        String fromTeacherWeight,
    @Option(help = "teacher's width; none takes the weights'", group = "Teacher")
        Integer teacherHiddenSize,
    @Option(help = "teacher's number of blocks; none takes the weights'", group = "Teacher")
        Integer teacherNumLayers,
    @Option(help = "1 for a teacher with experts", group = "Teacher") boolean teacherUseMoe,
    @Option(
            help = "share of the cross-entropy; the rest is the divergence from the teacher",
            group = "Distillation")
        double alpha,
    @Option(help = "softens both distributions in the divergence", group = "Distillation")
        double temperature,
    @Option(group = "Training") TrainingOptions training) {
  /** MiniMind2's. */
  public static final DistillConfig DEFAULT =
      new DistillConfig(
          DataOptions.of(340),
          ChatChance.DEFAULT,
          "full_sft",
          512,
          null,
          null,
          null,
          false,
          "full_sft",
          768,
          null,
          false,
          0.5,
          1.5,
          TrainingOptions.of("full_dist", 6, 32, 1, 5e-6).withSaveInterval(100));

  /** Checks the bounds. */
  public DistillConfig {
    if (studentHiddenSize != null) Bounds.atLeast("student_hidden_size", studentHiddenSize, 2);
    if (studentNumLayers != null) Bounds.atLeast("student_num_layers", studentNumLayers, 1);
    if (studentNumAttentionHeads != null)
      Bounds.atLeast("student_num_attention_heads", studentNumAttentionHeads, 1);
    if (teacherHiddenSize != null) Bounds.atLeast("teacher_hidden_size", teacherHiddenSize, 2);
    if (teacherNumLayers != null) Bounds.atLeast("teacher_num_layers", teacherNumLayers, 1);
    Bounds.require(
        fromTeacherWeight != null, "from_teacher_weight", "none", "must be a trained teacher");
    Bounds.between("alpha", alpha, 0.0, 1.0);
    Bounds.positive("temperature", temperature);
  }

  /** Where the student starts. */
  StartOptions student() {
    return new StartOptions(
        fromStudentWeight,
        studentHiddenSize,
        studentNumLayers,
        studentNumAttentionHeads,
        studentArch,
        studentUseMoe,
        null);
  }

  /** What the teacher is; it is never trained, so nothing of it is dropped. */
  StartOptions teacher() {
    return new StartOptions(
        fromTeacherWeight, teacherHiddenSize, teacherNumLayers, null, null, teacherUseMoe, 0.0);
  }
}
