package org.panamind.reward.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.panamind.stage.ConfigException;
import org.panamind.stage.Console;
import org.panamind.stage.StageException;
import org.panamind.stage.reward.Reply;
import org.panamind.stage.reward.Reward;

/** Asks a server for scores, as {@link HttpReward} says. */
final class ScoringServer implements Reward {
  private static final int DATA = 65;
  private static final int IO = 74;
  private static final int OK = 200;
  private static final int TOO_MANY = 429;
  private static final int FIRST_SERVER_ERROR = 500;
  private static final int SHOWN = 200;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  private final URI address;
  private final Limits limits;
  private final Console console;
  private final HttpClient client;

  private ScoringServer(URI address, Limits limits, Console console) {
    this.address = address;
    this.limits = limits;
    this.console = console;
    this.client = HttpClient.newBuilder().connectTimeout(limits.connect()).build();
  }

  /**
   * Makes requests possible; none is sent.
   *
   * @throws ConfigException if the URL names no server
   */
  static ScoringServer open(String url, Limits limits, Console console) {
    try {
      var address = new URI(url);
      if (address.getHost() != null && address.getUserInfo() == null)
        return new ScoringServer(address, limits, console);
    } catch (URISyntaxException e) {
      throw refused(url, e.getMessage());
    }
    throw refused(url, "it names no host, or a user");
  }

  private static ConfigException refused(String url, String why) {
    return new ConfigException(
        "--reward is %s, must be a URL as http://127.0.0.1:8000/score: %s".formatted(url, why));
  }

  @Override
  public double[] score(List<Reply> replies) {
    var scores = new double[replies.size()];
    for (int from = 0; from < replies.size(); from += limits.samples()) {
      int to = Math.min(replies.size(), from + limits.samples());
      var part = ask(replies.subList(from, to));
      System.arraycopy(part, 0, scores, from, part.length);
    }
    return scores;
  }

  private double[] ask(List<Reply> replies) {
    String answer = answerTo(ScoreMessages.request(replies));
    try {
      return ScoreMessages.scores(answer, replies.size());
    } catch (IllegalArgumentException e) {
      throw new StageException(
          DATA,
          "--reward %s: the answer %s; it starts \"%s\""
              .formatted(address, e.getMessage(), start(answer)),
          e);
    }
  }

  /** The body of the first good answer. */
  private String answerTo(String body) {
    var request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    for (int attempt = 1; ; attempt++) {
      String fault;
      Exception cause = null;
      try {
        HttpResponse<String> response = send(request);
        if (response.statusCode() == OK) return response.body();
        fault = "status %d, \"%s\"".formatted(response.statusCode(), start(response.body()));
        if (!mayPass(response.statusCode())) throw failed(fault, attempt, null);
      } catch (IOException e) {
        cause = e;
        fault = e instanceof ConnectException ? "cannot connect" : String.valueOf(e.getMessage());
      }
      if (attempt == limits.attempts()) throw failed(fault, attempt, cause);
      pause(attempt, fault);
    }
  }

  /** The client's own time limit ends with the headers; this one holds for the body too. */
  private HttpResponse<String> send(HttpRequest request) throws IOException {
    var pending = client.sendAsync(request, BodyHandlers.ofString());
    try {
      return pending.get(limits.answer().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      pending.cancel(true);
      throw new IOException("no answer within " + limits.answer().toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      pending.cancel(true);
      throw interrupted(e);
    }
  }

  private static boolean mayPass(int status) {
    return status == TOO_MANY || status >= FIRST_SERVER_ERROR;
  }

  private void pause(int attempt, String fault) {
    var pause = limits.pauseAfter(attempt);
    console.warn(
        "--reward %s: %s; attempt %d of %d in %d ms"
            .formatted(address, fault, attempt + 1, limits.attempts(), pause.toMillis()));
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private StageException failed(String fault, int attempts, Exception cause) {
    return new StageException(
        IO,
        "--reward %s: %s after %d %s; see that the server runs and takes such requests"
            .formatted(address, fault, attempts, attempts == 1 ? "attempt" : "attempts"),
        cause);
  }

  private StageException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new StageException(IO, "--reward %s: interrupted while waiting".formatted(address), e);
  }

  private static String start(String body) {
    String line = CONTROL.matcher(body).replaceAll(" ");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
