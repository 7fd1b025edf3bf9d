package org.panamind.host.chat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.panamind.dataset.DataException;
import org.panamind.host.ExitCode;
import org.panamind.model.ModelConfigException;
import org.panamind.model.Sampling;
import org.panamind.stage.config.Nearest;

/** Takes what is typed, one message or command after another, until there is no more. */
final class ChatLoop {
  /** Commands with what they do, in the order of the help. */
  static final Map<String, String> COMMANDS = commands();

  private static final Pattern COMMAND = Pattern.compile("(/[a-z]+)(?:\\s+(.*))?", Pattern.DOTALL);

  private final Face face;
  private final Dialogue dialogue;
  private final int maxNew;
  private Sampling sampling;
  private ExitCode code = ExitCode.OK;

  ChatLoop(Face face, Dialogue dialogue, Sampling sampling, int maxNew) {
    this.face = face;
    this.dialogue = dialogue;
    this.sampling = sampling;
    this.maxNew = maxNew;
  }

  private static Map<String, String> commands() {
    Map<String, String> commands = new LinkedHashMap<>();
    commands.put("/reset", "forget what was said");
    commands.put("/system", "TEXT: begin anew with this system message; no text for none");
    commands.put("/temp", "X: draw at this temperature; 0 takes the likeliest token");
    commands.put("/help", "show this");
    commands.put("/exit", "end, as Ctrl-D does");
    return commands;
  }

  /**
   * Talks.
   *
   * @return {@link ExitCode#DATA} if a question could not be answered
   */
  ExitCode run() {
    boolean more = true;
    for (String typed = face.read(); typed != null; typed = more ? face.read() : null) {
      Matcher command = COMMAND.matcher(typed.strip());
      if (command.matches()) {
        more = obey(command.group(1), command.group(2) == null ? "" : command.group(2));
      } else if (!typed.isBlank()) {
        answer(typed);
      }
    }
    return code;
  }

  /** Returns whether the dialogue goes on. */
  private boolean obey(String command, String words) {
    switch (command) {
      case "/reset" -> {
        dialogue.reset();
        face.note("forgotten");
      }
      case "/system" -> {
        dialogue.system(words);
        face.note(words.isEmpty() ? "no system message; begun anew" : "begun anew");
      }
      case "/temp" -> temperature(words);
      case "/help" -> help();
      case "/exit" -> {
        return false;
      }
      default -> {
        String hint = Nearest.suggestion(command, List.copyOf(COMMANDS.keySet()), "");
        face.note("there is no command " + command + (hint.isEmpty() ? "; /help lists all" : hint));
      }
    }
    return true;
  }

  private void temperature(String words) {
    try {
      sampling =
          new Sampling(
              Double.parseDouble(words),
              sampling.topK(),
              sampling.topP(),
              sampling.minP(),
              sampling.repetitionPenalty());
      face.note("temperature " + sampling.temperature());
    } catch (NumberFormatException e) {
      face.note("/temp wants a number, such as /temp 0.7; it is " + sampling.temperature());
    } catch (ModelConfigException e) {
      face.note(e.getMessage());
    }
  }

  private void help() {
    COMMANDS.forEach((command, meaning) -> face.note(String.format("%-8s %s", command, meaning)));
    face.note(
        "A line that ends in \\ goes on in the next, as does text between \"\"\" and \"\"\".");
    face.note("Ctrl-C stops an answer.");
  }

  private void answer(String words) {
    face.answerBegins();
    Dialogue.Answer answer;
    try {
      answer = dialogue.ask(words, maxNew, sampling, face::show, () -> !face.wantsStop());
    } catch (DataException e) {
      code = ExitCode.DATA;
      face.note("error: " + e.getMessage());
      return;
    }
    face.answerEnds();
    if (answer.dropped() > 0) {
      face.note("the first " + answer.dropped() + " messages are forgotten: the context is full");
    }
    face.note(
        String.format(
            Locale.ROOT,
            "%d tokens, %.1f tokens/s, prompt of %d tokens with %d of them remembered",
            answer.tokens(),
            answer.tokens() / Math.max(answer.seconds(), 1e-9),
            answer.promptTokens(),
            answer.reusedTokens()));
  }
}
