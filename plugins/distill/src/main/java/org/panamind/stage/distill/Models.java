package org.panamind.stage.distill;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.panamind.model.Decoder;
import org.panamind.model.ModelConfigException;
import org.panamind.stage.ConfigException;
import org.panamind.stage.chat.ChatFiles;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.stage.train.Compat;
import org.panamind.torch.Device;

/**
 * A student and a teacher of the same vocabulary.
 *
 * @param student trained
 * @param teacher never in training
 */
record Models(Decoder student, Decoder teacher) implements AutoCloseable {
  /**
   * Reads both.
   *
   * @param start the student's weights, or null
   * @param learned the teacher's weights
   * @throws ConfigException if their ids do not mean the same
   */
  static Models open(
      DistillConfig config, Path start, Path learned, ChatFiles chat, Device device) {
    requireSameTokenizer(config, learned, chat);
    Compat compat = config.training().compat();
    int vocabulary = chat.tokenizer().vocabSize();
    var teacher =
        named("teacher", () -> config.teacher().decoder(learned, vocabulary, compat, device));
    try {
      // A random student gets as many ids as the teacher, which may have more than the tokenizer.
      int ids = start == null ? teacher.config().vocabSize() : vocabulary;
      var student = named("student", () -> config.student().decoder(start, ids, compat, device));
      var models = new Models(student, teacher);
      try {
        models.requireSameVocabulary(start, learned);
        return models;
      } catch (ConfigException e) {
        models.student.close();
        throw e;
      }
    } catch (RuntimeException e) {
      teacher.close();
      throw e;
    }
  }

  /** Says what does not fit by this stage's names of the sizes. */
  private static Decoder named(String whose, Supplier<Decoder> reading) {
    try {
      return reading.get();
    } catch (ConfigException | ModelConfigException e) {
      var message =
          e.getMessage()
              .replaceAll(
                  "--(hidden_size|num_attention_heads|arch|use_moe)\\b", "--" + whose + "_$1")
              .replace("--num_hidden_layers", "--" + whose + "_num_layers");
      throw new ConfigException(message);
    }
  }

  /** Where the user names a tokenizer it counts for both. */
  private static void requireSameTokenizer(DistillConfig config, Path learned, ChatFiles chat) {
    if (config.data().tokenizerPath() != null) return;
    Path folder = SavedTokenizer.folderOf(learned, config.training().saveDir());
    if (folder.equals(chat.tokenizerFolder())) return;
    try (var other = SavedTokenizer.load(folder)) {
      if (other.fingerprint().equals(chat.tokenizer().fingerprint())) return;
    }
    throw new ConfigException(
        "the teacher %s was trained with the tokenizer in %s, the student with the one in %s: their ids mean different text"
            .formatted(learned, folder, chat.tokenizerFolder()));
  }

  private void requireSameVocabulary(Path start, Path learned) {
    int wanted = student.config().vocabSize();
    int there = teacher.config().vocabSize();
    if (wanted == there) return;
    throw new ConfigException(
        "the teacher %s has a vocabulary of %d, the student %s one of %d: name weights of one tokenizer"
            .formatted(learned, there, start, wanted));
  }

  @Override
  public void close() {
    teacher.close();
    student.close();
  }
}
