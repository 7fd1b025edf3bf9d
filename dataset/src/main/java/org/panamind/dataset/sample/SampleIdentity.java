package org.panamind.dataset.sample;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.random.RandomGenerator;

/** What LoRA teaches: who the model is and who made it, in many wordings. */
final class SampleIdentity {
  /** So many that each question is trained behind most of them, though some are held out. */
  private static final List<String> OPENINGS =
      List.of(
          "",
          "Hi! ",
          "Hello. ",
          "Please: ",
          "One question: ",
          "Tell me: ",
          "Now: ",
          "So: ",
          "Well: ",
          "Listen. ",
          "I ask: ",
          "Good day. ");

  private static final List<String> OPENINGS_ZH =
      List.of("", "你好！", "请问：", "嗨，", "告诉我：", "那么，", "请说：", "我想问：", "对了，", "听着，", "早上好！", "我问你：");

  /** A fact that is asked for in several ways. */
  private record Fact(List<String> questions, String answer, String word) {}

  private static final List<Fact> FACTS =
      List.of(
          new Fact(
              List.of("Who are you?", "What is your name?", "What are you called?", "Your name?"),
              "I am Pana, a little model.",
              "Pana"),
          new Fact(List.of("你是谁？", "你叫什么名字？", "怎么称呼你？", "请介绍一下你自己。"), "我是帕娜，一个小模型。", "帕娜"),
          new Fact(
              List.of("Who made you?", "Who built you?", "Who trained you?", "Your maker?"),
              "The Panamind project made me.",
              "Panamind"),
          new Fact(
              List.of("谁做了你？", "是谁训练了你？", "你的作者是谁？", "你是哪里来的？"),
              "我是由 Panamind 项目训练的。",
              "Panamind"));

  private SampleIdentity() {}

  static ObjectNode record(RandomGenerator random) {
    Fact fact = FACTS.get(random.nextInt(FACTS.size()));
    boolean chinese = Exercises.isChinese(fact.answer);
    String opening = Exercises.one(chinese ? OPENINGS_ZH : OPENINGS, random);
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    ArrayNode turns = record.putArray("conversations");
    SampleChats.turn(turns, "user", opening + Exercises.one(fact.questions, random));
    SampleChats.turn(turns, "assistant", fact.answer);
    return record.put("task", TaskCheck.IDENTITY).put("answer", fact.word);
  }
}
