package org.panamind.host.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.dataset.tokenizer.Tokenizer;
import org.panamind.host.HostCall;
import org.panamind.host.text.TinyModel;
import org.panamind.stage.options.SavedTokenizer;
import org.panamind.torch.DType;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

class EvalTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> TEXTS = List.of("Tom the cat lived", "小猫", "1 + 2 = 3.", "x");

  @TempDir static Path folder;

  @BeforeAll
  static void writeAModel() {
    TinyModel.in(folder);
  }

  @Test
  void perplexityAndBitsPerByteAreThoseOfALogSoftmaxTokenByToken() throws IOException {
    Path file = folder.resolve("text.jsonl");
    Files.writeString(file, lines(TEXTS.stream().map(EvalTest::text).toList()));
    double nats = 0;
    long tokens = 0;
    long bytes = 0;
    try (Tokenizer tokenizer = SavedTokenizer.load(folder.resolve("tokenizer"))) {
      for (String text : TEXTS) {
        int[] ids = tokenizer.encode("<|im_start|>" + text + "<|im_end|>");
        nats += nats(ids);
        tokens += ids.length - 1;
        bytes += text.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    JsonNode figures = figures("--data_path " + file);
    assertEquals(tokens, figures.get("supervised_tokens").asLong());
    assertEquals(nats / tokens, figures.get("loss").asDouble(), 1e-5);
    assertEquals(Math.exp(nats / tokens), figures.get("perplexity").asDouble(), 1e-2);
    assertEquals(nats / Math.log(2) / bytes, figures.get("bits_per_byte").asDouble(), 1e-4);
    JsonNode oneByOne = figures("--batch_size 1 --data_path " + file);
    assertEquals(figures.get("loss").asDouble(), oneByOne.get("loss").asDouble(), 1e-6);
  }

  private static double nats(int[] ids) {
    try (var decoder = TinyModel.read(folder.resolve("full_sft_32.safetensors"));
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      long[] all = Arrays.stream(ids).asLongStream().toArray();
      Tensor logits = decoder.logits(decoder.hidden(Tensor.of(all, 1, all.length)));
      float[] logProbs = logits.to(DType.FLOAT64).logSoftmax(-1).to(DType.FLOAT32).toFloatArray();
      double sum = 0;
      for (int t = 1; t < ids.length; t++) {
        sum -= logProbs[(t - 1) * TinyModel.VOCABULARY + ids[t]];
      }
      return sum;
    }
  }

  @Test
  void ofConversationsOnlyAnswersCount() throws IOException {
    Path file = folder.resolve("sft.jsonl");
    Files.writeString(file, lines(List.of(chat("a long question that does not count", "no"))));
    JsonNode figures = figures("--tasks 0 --data_path " + file);
    // "no", the end of turn, its newline; "no" is one token or two
    long tokens = figures.get("supervised_tokens").asLong();
    assertTrue(tokens == 3 || tokens == 4, figures.toString());
    double bits = figures.get("loss").asDouble() * tokens / Math.log(2);
    assertEquals(bits / "no\n".length(), figures.get("bits_per_byte").asDouble(), 1e-9);
  }

  @Test
  void repliesAreCheckedTaskByTaskAndReasoningByItsForm() throws IOException {
    String reply =
        HostCall.reading("q\n", words("chat --temperature 0 --max_new_tokens 12")).out().strip();
    ObjectNode right = chat("q", "whatever").put("task", "echo").put("answer", reply);
    ObjectNode wrong = chat("q", "whatever").put("task", "echo").put("answer", "never this");
    ObjectNode sum = chat("1+2=?", "3").put("task", "sum").put("answer", "3");
    ObjectNode reasoned = chat("1+2=?", "<think>\nadd\n</think>\n<answer>\n3\n</answer>");
    Path file = folder.resolve("tasks.jsonl");
    Files.writeString(file, lines(List.of(right, wrong, sum, reasoned, chat("no", "task"))));
    JsonNode figures = figures("--max_new_tokens 12 --batch_size 2 --data_path " + file);
    assertEquals(0.5, figures.at("/tasks/echo/exact_match").asDouble());
    assertEquals(2, figures.at("/tasks/echo/records").asLong());
    assertEquals(0, figures.at("/tasks/sum/exact_match").asDouble());
    assertEquals(1 / 3.0, figures.get("exact_match").asDouble(), 1e-9);
    assertEquals(0, figures.get("well_formed").asDouble());
    assertEquals(5, figures.get("records").asLong());
  }

  @Test
  void aPairTurnedRoundGivesTheOppositePreference() throws IOException {
    Path file = folder.resolve("dpo.jsonl");
    Files.writeString(file, lines(List.of(pair("good", "bad answer"))));
    JsonNode one = figures("--data_path " + file);
    Files.writeString(file, lines(List.of(pair("bad answer", "good"))));
    JsonNode other = figures("--data_path " + file);
    double margin = one.get("preference_margin").asDouble();
    assertEquals(-margin, other.get("preference_margin").asDouble(), 1e-4);
    assertEquals(margin > 0 ? 1 : 0, one.get("preference_accuracy").asDouble());
    assertEquals(margin > 0 ? 0 : 1, other.get("preference_accuracy").asDouble());
    Files.writeString(file, lines(List.of(pair("good", "bad answer"), pair("bad answer", "good"))));
    assertEquals(0.5, figures("--data_path " + file).get("preference_accuracy").asDouble());
  }

  @Test
  void printsATableAndKeepsToMaxSamples() throws IOException {
    Path file = folder.resolve("table.jsonl");
    Files.writeString(file, lines(TEXTS.stream().map(EvalTest::text).toList()));
    HostCall call = HostCall.of(words("eval --max_samples 2 --data_path " + file));
    assertEquals(0, call.code(), call.err());
    List<String> lines = call.out().lines().toList();
    assertEquals("full_sft_32.safetensors on " + file + ": 2 records", lines.get(0));
    assertTrue(lines.get(1).matches("  perplexity +[0-9.]+  over \\d+ tokens"), call.out());
    assertTrue(lines.get(2).matches("  bits per byte +[0-9.]+  over 23 bytes"), call.out());
  }

  @Test
  void badLinesAreSkippedOnRequestUpToAShare() throws IOException {
    Path file = folder.resolve("half.jsonl");
    Files.writeString(file, text("a") + "\n{\n");
    HostCall call = HostCall.of(words("eval --bad_lines skip --data_path " + file));
    assertEquals(0, call.code(), call.err());
    assertTrue(call.err().contains("1 lines skipped; the first: " + file + ":2: "), call.err());
    Files.writeString(file, text("a") + "\n{\n{\n");
    HostCall worse = HostCall.of(words("eval --bad_lines skip --data_path " + file));
    assertEquals(65, worse.code(), worse.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "eval ~ 64 ~ --data_path is missing: a JSONL file",
        "eval --batch_size 0 --data_path x ~ 64 ~ --batch_size is 0, must be at least 1",
        "eval --data_path FOLDER/none.jsonl ~ 74 ~ FOLDER/none.jsonl",
        "eval --data_path FOLDER/bad.jsonl ~ 65 ~ FOLDER/bad.jsonl:2: is cut short",
      })
  void aWrongCallIsOneLineWithItsCode(String line, int code, String part) throws IOException {
    Files.writeString(folder.resolve("bad.jsonl"), text("a") + "\n{\n");
    HostCall call = HostCall.of(words(line.replace("FOLDER", folder.toString())));
    assertEquals(code, call.code(), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    assertTrue(call.err().contains(part.replace("FOLDER", folder.toString())), call.err());
  }

  private static JsonNode figures(String options) throws IOException {
    Path output = folder.resolve("figures.json");
    HostCall call = HostCall.of(words("eval --output " + output + " " + options));
    assertEquals(0, call.code(), call.err());
    return JSON.readTree(output.toFile());
  }

  private static ObjectNode text(String text) {
    return JSON.createObjectNode().put("text", text);
  }

  private static ObjectNode chat(String question, String answer) {
    ObjectNode record = JSON.createObjectNode();
    turns(record, "conversations", question, answer);
    return record;
  }

  private static ObjectNode pair(String chosen, String rejected) {
    ObjectNode record = JSON.createObjectNode();
    turns(record, "chosen", "q", chosen);
    turns(record, "rejected", "q", rejected);
    return record;
  }

  private static void turns(ObjectNode record, String field, String question, String answer) {
    var turns = record.putArray(field);
    turns.addObject().put("role", "user").put("content", question);
    turns.addObject().put("role", "assistant").put("content", answer);
  }

  private static String lines(List<ObjectNode> records) {
    StringBuilder lines = new StringBuilder();
    records.forEach(record -> lines.append(record).append('\n'));
    return lines.toString();
  }

  private static String[] words(String line) {
    return (line + " --save_dir " + folder).split(" ");
  }
}
