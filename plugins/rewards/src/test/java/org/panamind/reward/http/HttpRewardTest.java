package org.panamind.reward.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.Progress;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;
import org.panamind.stage.reward.RewardContext;

@Timeout(60)
class HttpRewardTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the server says next, instead of scores. */
  private record Fault(int status, String body) {}

  private final List<JsonNode> asked = new ArrayList<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<String> warnings = new ArrayList<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private Duration patience = Duration.ofSeconds(30);
  private boolean hangs;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/score", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    done.countDown();
    server.stop(0);
  }

  @Test
  void sendsMessagesReplyAndRecordAndTakesTheScores() throws IOException {
    try (var reward =
        new HttpReward().open("//" + address(), new RewardContext(new Warnings(), null, false))) {
      assertArrayEquals(new double[] {2, 0}, reward.score(List.of(reply("é\n"), reply(""))));
    }
    var first =
        "{\"messages\": [{\"role\": \"user\", \"content\": \"how?\"}], \"response\": \"é\\n\","
            + " \"ended\": true, \"record\": {\"answer\": \"x\"}}";
    assertEquals(JSON.readTree(first), asked.getFirst().get("samples").get(0));
    assertEquals(List.of(), warnings);
  }

  @Test
  void asksInBatchesAndKeepsTheOrder() {
    var replies = IntStream.range(0, 8).mapToObj(i -> reply("x".repeat(i))).toList();
    try (var reward = open()) {
      assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5, 6, 7}, reward.score(replies));
    }
    assertEquals(
        List.of(3, 3, 2), asked.stream().map(request -> request.get("samples").size()).toList());
  }

  @Test
  void triesAgainAfterAPassingFault() {
    faults.add(new Fault(503, "loading"));
    faults.add(new Fault(429, "slow\ndown"));
    try (var reward = open()) {
      assertArrayEquals(new double[] {2}, reward.score(List.of(reply("ab"))));
    }
    assertEquals(3, asked.size());
    assertEquals(
        List.of(
            "--reward %s: status 503, \"loading\"; attempt 2 of 3 in 1 ms".formatted(url()),
            "--reward %s: status 429, \"slow down\"; attempt 3 of 3 in 2 ms".formatted(url())),
        warnings);
  }

  @Test
  void givesUpAfterTheLastAttempt() {
    for (int i = 0; i < 3; i++) faults.add(new Fault(500, "boom " + "x".repeat(300)));
    var error = assertThrows(StageException.class, this::scoreOne);
    assertEquals(74, error.exitCode());
    assertEquals(
        "--reward %s: status 500, \"boom %s...\" after 3 attempts; see that the server runs and"
                .formatted(url(), "x".repeat(195))
            + " takes such requests",
        error.getMessage());
  }

  @Test
  void doesNotRepeatARequestThatTheServerRefuses() {
    faults.add(new Fault(422, "no such field"));
    var error = assertThrows(StageException.class, this::scoreOne);
    assertTrue(error.getMessage().contains("422, \"no such field\" after 1 attempt;"));
    assertEquals(1, asked.size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"scores": []}              | has 0 scores for 1 samples
          {"scores": [1, 2]}          | has 2 scores for 1 samples
          {"scores": ["1"]}           | has the score "1" for sample 0, which is no finite number
          {"scores": [null]}          | has the score null for sample 0
          {"scores": [1e999]}         | has the score
          {"score": 1}                | is no JSON object with a list "scores"
          [1]                         | is no JSON object with a list "scores"
          <html>                      | is no JSON
          """)
  void anAnswerThatIsNoListOfNumbersIsAnError(String body, String why) {
    faults.add(new Fault(200, body));
    var error = assertThrows(StageException.class, this::scoreOne);
    assertEquals(65, error.exitCode());
    assertTrue(error.getMessage().contains("the answer " + why), error::getMessage);
    assertTrue(error.getMessage().endsWith("it starts \"" + body + "\""), error::getMessage);
  }

  @Test
  void aSilentServerIsAnError() {
    hangs = true;
    patience = Duration.ofMillis(100);
    var error = assertThrows(StageException.class, this::scoreOne);
    assertEquals(74, error.exitCode());
    assertTrue(error.getMessage().contains("no answer within 0 s"), error::getMessage);
    assertEquals(2, warnings.size());
  }

  @Test
  void aServerThatIsNotThereIsAnError() {
    server.stop(0);
    var error = assertThrows(StageException.class, this::scoreOne);
    assertEquals(74, error.exitCode());
    var start = "--reward " + url() + ": cannot connect after 3 attempts;";
    assertTrue(error.getMessage().startsWith(start), error::getMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"//", "127.0.0.1:80", "//me:secret@127.0.0.1/score", "//a b/"})
  void aUrlWithoutAServerIsRefused(String argument) {
    var context = new RewardContext(new Warnings(), null, false);
    var error =
        assertThrows(ConfigException.class, () -> new HttpsReward().open(argument, context));
    assertTrue(error.getMessage().startsWith("--reward is https:" + argument + ", must be a URL"));
  }

  private void scoreOne() {
    try (var reward = open()) {
      reward.score(List.of(reply("ab")));
    }
  }

  private Reward open() {
    var limits = new Limits(3, Duration.ofSeconds(30), patience, 3, Duration.ofMillis(1));
    return ScoringServer.open(url(), limits, new Warnings());
  }

  private String url() {
    return "http://" + address();
  }

  private String address() {
    return "127.0.0.1:" + server.getAddress().getPort() + "/score";
  }

  /** Scores a reply by its length. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var request = JSON.readTree(exchange.getRequestBody().readAllBytes());
      asked.add(request);
      if (hangs) {
        done.await();
        return;
      }
      var answer = JSON.createObjectNode();
      var scores = answer.putArray("scores");
      request
          .get("samples")
          .forEach(sample -> scores.add(sample.get("response").asText().length()));
      var fault = faults.isEmpty() ? new Fault(200, answer.toString()) : faults.poll();
      var bytes = fault.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(fault.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static Reply reply(String text) {
    var asked = Conversation.of(Message.of("user", "how?"));
    return new Reply(asked, text, JSON.createObjectNode().put("answer", "x"), 2, true);
  }

  private final class Warnings implements Console {
    @Override
    public void info(String line) {
      throw new AssertionError(line);
    }

    @Override
    public void warn(String line) {
      warnings.add(line);
    }

    @Override
    public Progress progress(String task, long total, String unit) {
      throw new AssertionError(task);
    }
  }
}
