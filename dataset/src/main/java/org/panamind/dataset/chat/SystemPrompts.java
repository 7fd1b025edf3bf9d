package org.panamind.dataset.chat;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Short system messages in two languages, so that a model learns to answer with and without one.
 */
public final class SystemPrompts {
  private static final List<String> PROMPTS =
      List.of(
          "You are a small assistant. Answer clearly and briefly.",
          "Answer the user's questions as well as you can.",
          "You are a polite assistant who gives short and correct answers.",
          "Help the user. If you do not know something, say so.",
          "You are a little language model that likes to help.",
          "你是一个小小的助手，请简单明了地回答。",
          "请尽量正确地回答用户的问题。",
          "你是一个有礼貌的助手，回答要简短准确。",
          "请帮助用户。不知道的事情就说不知道。",
          "你是一个乐于助人的小语言模型。");

  private SystemPrompts() {}

  /**
   * Puts one before a conversation that has none, by chance and never where tools are in play, as
   * MiniMind does.
   *
   * @param ratio how often, 0 to 1
   */
  public static Conversation addTo(
      Conversation conversation, double ratio, RandomGenerator random) {
    boolean drawn = random.nextDouble() < ratio;
    String prompt = PROMPTS.get(random.nextInt(PROMPTS.size()));
    boolean fits =
        !conversation.messages().getFirst().role().equals("system") && !conversation.usesTools();
    return drawn && fits ? conversation.withSystem(prompt) : conversation;
  }
}
