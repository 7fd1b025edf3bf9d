package org.panamind.host.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.Conversation;
import org.panamind.dataset.chat.Message;
import org.panamind.host.HostCall;
import org.panamind.host.text.LoadedModel;
import org.panamind.host.text.ModelChoice;
import org.panamind.host.text.TinyModel;
import org.panamind.model.Sampling;
import org.panamind.model.TextGenerator;

/** Dialogues through streams, with a model of random weights. */
class ChatTest {
  @TempDir static Path folder;

  @BeforeAll
  static void writeAModel() {
    TinyModel.in(folder);
  }

  @Test
  void aPipeGetsAnswersAloneAndNotesGoToStandardError() {
    HostCall call = chat("Hello\n", "--max_new_tokens 5 --seed 3");
    assertEquals(0, call.code(), call.err());
    assertFalse(call.out().contains("tokens/s"));
    assertTrue(call.out().endsWith("\n"));
    assertTrue(
        call.err().matches("5 tokens, [0-9.]+ tokens/s, prompt of \\d+ tokens with 0 .*\n"),
        call.err());
  }

  @Test
  void theSameSeedGivesTheSameDialogueAndCommandsAreNoMessages() {
    String typed = "/help\nHello\n/temp 0\n/temp warm\n/temp -1\nAgain\n/resett\n/exit\nunheard\n";
    HostCall call = chat(typed, "--max_new_tokens 4 --seed 3");
    assertEquals(call.out(), chat(typed, "--max_new_tokens 4 --seed 3").out());
    List<String> notes = call.err().lines().toList();
    assertTrue(notes.contains("temperature 0.0"), call.err());
    assertTrue(notes.contains("/temp wants a number, such as /temp 0.7; it is 0.0"), call.err());
    assertTrue(notes.contains("--temperature is -1.0, must be at least 0"), call.err());
    assertTrue(notes.contains("there is no command /resett; did you mean /reset?"), call.err());
    assertEquals(2, notes.stream().filter(note -> note.contains("tokens/s")).count());
  }

  @Test
  void aDialogueWithACacheSaysWhatOneWithoutSays() {
    List<String> questions = List.of("What is 3 plus 4?", "小猫的帽子", "and <|im_end|>?", "so?");
    try (var model = model();
        var dialogue = new Dialogue(model, false)) {
      List<String> turns = new ArrayList<>();
      int before = 0;
      for (String question : questions) {
        Dialogue.Answer answer =
            dialogue.ask(question, 30, Sampling.GREEDY, part -> {}, () -> true);
        turns.add(question);
        int[] prompt = prompt(model, turns.toArray(String[]::new));
        assertEquals(greedy(model, prompt, 30), answer.text());
        assertEquals(prompt.length, answer.promptTokens());
        assertTrue(answer.reusedTokens() >= before, "reused " + answer.reusedTokens());
        before = answer.promptTokens();
        turns.add(answer.text());
      }
      dialogue.reset();
      var anew = dialogue.ask(questions.get(0), 30, Sampling.GREEDY, part -> {}, () -> true);
      assertEquals(turns.get(1), anew.text());
    }
  }

  /** Questions and answers in turn, from the first question on. */
  private static int[] prompt(LoadedModel model, String... turns) {
    Message[] messages = new Message[turns.length];
    for (int i = 0; i < turns.length; i++) {
      messages[i] = Message.of(i % 2 == 0 ? "user" : "assistant", turns[i]);
    }
    return ChatEncoder.of(model.tokenizer())
        .prompt(Conversation.of(messages), Map.of("open_thinking", false));
  }

  private static String greedy(LoadedModel model, int[] prompt, int most) {
    List<Integer> ids = new ArrayList<>();
    new TextGenerator(model.decoder())
        .generate(
            Arrays.stream(prompt).asLongStream().toArray(),
            most,
            model.tokenizer().specialTokens().eosId(),
            Sampling.GREEDY,
            id -> ids.add((int) id));
    return model.tokenizer().decode(ids.stream().mapToInt(i -> i).toArray(), true);
  }

  @Test
  void aStoppedAnswerIsKeptAsFarAsItGot() {
    try (var model = model();
        var dialogue = new Dialogue(model, false)) {
      int[] asked = {0};
      var shown = new StringBuilder();
      var answer = dialogue.ask("Hello", 50, Sampling.GREEDY, shown::append, () -> ++asked[0] < 7);
      assertEquals(7, answer.tokens());
      assertEquals(answer.text(), shown.toString());
      var next = dialogue.ask("x", 1, Sampling.GREEDY, part -> {}, () -> true);
      int[] prompt = prompt(model, "Hello", answer.text(), "x");
      assertEquals(prompt.length, next.promptTokens());
      assertTrue(next.reusedTokens() >= answer.promptTokens(), "reused " + next.reusedTokens());
    }
  }

  @Test
  void anotherSystemMessageBeginsAnew() {
    try (var model = model();
        var dialogue = new Dialogue(model, false)) {
      var plain = dialogue.ask("Hello", 3, Sampling.GREEDY, part -> {}, () -> true);
      dialogue.system("You are a cat.");
      var cat = dialogue.ask("Hello", 3, Sampling.GREEDY, part -> {}, () -> true);
      assertTrue(cat.promptTokens() > plain.promptTokens());
      dialogue.system("");
      var again = dialogue.ask("Hello", 3, Sampling.GREEDY, part -> {}, () -> true);
      assertEquals(plain.promptTokens(), again.promptTokens());
      assertEquals(plain.text(), again.text());
    }
  }

  @Test
  void theFirstTurnsAreForgottenWhenTheContextIsFull() {
    String question = "0123456789 ".repeat(80);
    HostCall call = chat((question + "\n").repeat(3), "--max_new_tokens 4 --seed 3");
    assertEquals(0, call.code(), call.err());
    assertTrue(call.err().contains("messages are forgotten: the context is full"), call.err());
  }

  @Test
  void aQuestionLongerThanTheContextIsRefusedAndTheDialogueGoesOn() {
    HostCall call = chat("0123456789 ".repeat(400) + "\nHello\n", "--max_new_tokens 4 --seed 3");
    assertEquals(65, call.code());
    assertTrue(call.err().startsWith("error: the question is "), call.err());
    assertTrue(call.err().contains("4 tokens, "), call.err());
  }

  @Test
  void lowRankWeightsChangeWhatIsSaid() {
    TinyModel.lora(folder, "accent");
    String options = "--temperature 0 --max_new_tokens 20";
    assertNotEquals(
        chat("Hello\n", options).out(), chat("Hello\n", options + " --lora_weight accent").out());
  }

  private static LoadedModel model() {
    return LoadedModel.load(new ModelChoice("full_sft", null, folder, null, null, false, "cpu"));
  }

  private static HostCall chat(String typed, String options) {
    String line = "chat --weight full_sft --save_dir " + folder + " " + options;
    return HostCall.reading(typed, line.split(" "));
  }
}
