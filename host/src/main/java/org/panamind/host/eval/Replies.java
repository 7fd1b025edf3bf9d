package org.panamind.host.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.dataset.sample.TaskCheck;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.model.Decoder;
import org.panamind.model.Sampling;
import org.panamind.model.rollout.RolloutEngine;
import org.panamind.model.rollout.RolloutOptions;
import org.panamind.stage.Progress;
import org.panamind.torch.DType;
import org.panamind.torch.TensorScope;

/**
 * What a model answers itself, taking the likeliest token each time.
 *
 * @param tasks right answers by task, of records that name a task and its answer
 * @param wellFormed replies with a thinking and an answer block, where the record's own has both
 */
record Replies(Map<String, Share> tasks, Share wellFormed) {
  /** Some of all. */
  record Share(long right, long all) {
    static final Share NONE = new Share(0, 0);

    Share plus(boolean one) {
      return new Share(right + (one ? 1 : 0), all + 1);
    }

    double value() {
      return (double) right / all;
    }
  }

  /** A question with what is known of its answer. */
  private record Question(JsonNode record, boolean reasoned, long[] prompt) {}

  /** Asks and checks. */
  record Examiner(Decoder decoder, ChatEncoder encoder, int batchSize, int maxNew) {
    /**
     * Asks what the records leave to be answered.
     *
     * @param field where the messages are
     */
    Replies replies(List<JsonNode> records, String field, Progress progress) {
      List<Question> questions = new ArrayList<>();
      for (JsonNode record : records) {
        if (isAsked(record, field)) questions.add(question(record, field));
      }
      Map<String, Share> tasks = new TreeMap<>();
      Share wellFormed = Share.NONE;
      for (int from = 0; from < questions.size(); from += batchSize) {
        List<Question> some = questions.subList(from, Math.min(questions.size(), from + batchSize));
        List<String> replies = answers(some);
        for (int i = 0; i < some.size(); i++) {
          Question question = some.get(i);
          if (question.reasoned) {
            wellFormed = wellFormed.plus(TaskCheck.isWellFormed(replies.get(i)));
          }
          String task = TaskCheck.taskOf(question.record);
          if (!task.isEmpty()) {
            Share before = tasks.getOrDefault(task, Share.NONE);
            tasks.put(task, before.plus(isRight(question.record, task, replies.get(i))));
          }
        }
        progress.update(from + some.size(), "");
      }
      return new Replies(tasks, wellFormed);
    }

    private Question question(JsonNode record, String field) {
      Conversation conversation = Conversation.of(record.get(field));
      int[] ids = encoder.prompt(conversation.prompt(), Map.of());
      return new Question(
          record, isReasoned(record, field), Arrays.stream(ids).asLongStream().toArray());
    }

    private List<String> answers(List<Question> questions) {
      Tokenizer tokenizer = encoder.tokenizer();
      var options =
          new RolloutOptions(
              maxNew,
              tokenizer.specialTokens().eosId(),
              Likelihood.padding(tokenizer),
              Sampling.GREEDY);
      try (var scope = TensorScope.open()) {
        return new RolloutEngine(decoder, DType.FLOAT32)
                .generate(
                    questions.stream().map(Question::prompt).toList(),
                    new long[questions.size()],
                    options)
                .answers()
                .stream()
                .map(
                    ids ->
                        tokenizer.decode(
                            Arrays.stream(ids).mapToInt(id -> (int) id).toArray(), true))
                .toList();
      }
    }
  }

  /** How many of the records can be checked. */
  static long asked(List<JsonNode> records, String field) {
    return records.stream().filter(record -> isAsked(record, field)).count();
  }

  private static boolean isAsked(JsonNode record, String field) {
    boolean task = !TaskCheck.taskOf(record).isEmpty() && record.path("answer").isTextual();
    return task || isReasoned(record, field);
  }

  private static boolean isReasoned(JsonNode record, String field) {
    Message last = Conversation.of(record.get(field)).messages().getLast();
    return last.isAnswer() && TaskCheck.isWellFormed(last.content());
  }

  /** Tasks of other data than ours are checked by the letter. */
  private static boolean isRight(JsonNode record, String task, String reply) {
    return TaskCheck.TASKS.contains(task)
        ? TaskCheck.isRight(record, reply)
        : record.path("answer").asText().strip().equals(reply.strip());
  }

  /** Over all tasks. */
  Share overall() {
    long right = tasks.values().stream().mapToLong(Share::right).sum();
    long all = tasks.values().stream().mapToLong(Share::all).sum();
    return new Share(right, all);
  }
}
