package org.panamind.dataset.sample;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Makes up exercises that a model of a million weights learns within minutes. Letters and digits
 * stand apart, with a space before each, so that every one is a token of its own in a byte-level
 * vocabulary; sums stay below twenty; stories have two things to keep apart. Each is asked in
 * several wordings, so that what is held out is a wording not seen with these values, and not a sum
 * never seen at all.
 */
final class Exercises {
  private static final List<String> SUMS =
      List.of("What is %d + %d?", "%d + %d = ?", "Add %d and %d.", "%d加%d等于几？", "请算：%d + %d");
  private static final List<String> COPIES =
      List.of("Copy: %s", "Say this again: %s", "照抄：%s", "请重复：%s");
  private static final List<String> SORTS =
      List.of("Sort: %s", "Put in order: %s", "从小到大：%s", "请排序：%s");
  private static final List<String> REVERSALS =
      List.of("Reverse: %s", "Say it backwards: %s", "倒过来：%s", "请反着写：%s");
  private static final List<String> PICKS =
      List.of("Choose one: %s or %s", "Pick %s or %s.", "选一个：%s还是%s", "%s和%s，你要哪个？");

  /**
   * What the model is, not its name: that is what adapters teach, and they must not unlearn this.
   */
  private static final List<String> WHO =
      List.of("What are you?", "Say what you are.", "Are you a person?", "你是什么？", "你是人吗？");

  private static final List<String> GREETINGS =
      List.of("", "Hi! ", "Hello. ", "Please: ", "One question: ");
  private static final List<String> GREETINGS_ZH = List.of("", "你好！", "请问：", "嗨，", "我想问：");
  private static final Pattern CHINESE = Pattern.compile("\\p{IsHan}");

  /**
   * Who has what of which colour.
   *
   * @param text of two names with colour and thing each, and the thing that is asked for
   * @param answer of a colour
   * @param thinking of a name and a thing
   */
  private record Story(
      List<String> names,
      List<String> colours,
      List<String> things,
      String text,
      String answer,
      String thinking) {}

  private static final Story STORY =
      new Story(
          List.of("Tom", "Lily", "Max", "Anna", "Ben", "Mia"),
          List.of("red", "blue", "yellow", "green", "white", "black"),
          List.of("ball", "book", "hat", "kite", "box", "cup"),
          "%s has a %s %s. %s has a %s %s. What colour is the %s?",
          "%s",
          "%s has the %s");

  private static final Story STORY_ZH =
      new Story(
          List.of("小明", "小红", "乐乐", "天天", "阿宝", "朵朵"),
          List.of("红", "蓝", "黄", "绿", "白", "黑"),
          List.of("皮球", "书包", "帽子", "风筝", "盒子", "杯子"),
          "%s有一个%s色的%s，%s有一个%s色的%s。%s是什么颜色？",
          "%s色",
          "%s有%s");

  private static final String LETTERS = "abcdefgh";

  private Exercises() {}

  /** One of any kind. */
  static Exercise any(RandomGenerator random) {
    return switch (random.nextInt(14)) {
      case 0, 1, 2 -> sum(random);
      case 3, 4 -> copy(random);
      case 5, 6 -> sort(random);
      case 7, 8 -> reverse(random);
      case 9, 10, 11 -> colour(random.nextBoolean() ? STORY : STORY_ZH, random);
      case 12 -> who(random);
      default -> pick(random);
    };
  }

  /** One whose single right answer has to be worked out from the question. */
  static Exercise toSolve(RandomGenerator random) {
    Exercise exercise = any(random);
    while (exercise.task().equals(TaskCheck.PICK) || exercise.task().equals(TaskCheck.WHO)) {
      exercise = any(random);
    }
    return exercise;
  }

  private static Exercise sum(RandomGenerator random) {
    int a = random.nextInt(10);
    int b = random.nextInt(10);
    String answer = String.valueOf(a + b);
    return new Exercise(
        TaskCheck.SUM,
        one(SUMS, random).formatted(a, b),
        answer,
        "%d + %d = %s".formatted(a, b, answer));
  }

  private static Exercise copy(RandomGenerator random) {
    String letters = String.join(" ", letters(2 + random.nextInt(4), random));
    return new Exercise(
        TaskCheck.COPY, one(COPIES, random).formatted(letters), letters, "copy " + letters);
  }

  private static Exercise sort(RandomGenerator random) {
    List<String> digits = new ArrayList<>();
    for (int count = 3 + random.nextInt(2); count > 0; count--) {
      digits.add(String.valueOf(random.nextInt(10)));
    }
    String question = one(SORTS, random).formatted(String.join(" ", digits));
    Collections.sort(digits);
    String sorted = String.join(" ", digits);
    return new Exercise(TaskCheck.SORT, question, sorted, "smallest " + digits.getFirst());
  }

  private static Exercise reverse(RandomGenerator random) {
    List<String> letters = letters(2 + random.nextInt(3), random);
    String question = one(REVERSALS, random).formatted(String.join(" ", letters));
    String last = letters.getLast();
    return new Exercise(
        TaskCheck.REVERSE, question, String.join(" ", letters.reversed()), "last " + last);
  }

  private static List<String> letters(int count, RandomGenerator random) {
    List<String> letters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = random.nextInt(LETTERS.length());
      letters.add(LETTERS.substring(at, at + 1));
    }
    return letters;
  }

  private static Exercise colour(Story story, RandomGenerator random) {
    List<String> names = two(story.names, random);
    List<String> things = two(story.things, random);
    List<String> colours = two(story.colours, random);
    int asked = random.nextInt(2);
    return new Exercise(
        TaskCheck.COLOUR,
        story.text.formatted(
            names.get(0),
            colours.get(0),
            things.get(0),
            names.get(1),
            colours.get(1),
            things.get(1),
            things.get(asked)),
        story.answer.formatted(colours.get(asked)),
        story.thinking.formatted(names.get(asked), things.get(asked)));
  }

  private static Exercise who(RandomGenerator random) {
    String question = one(WHO, random);
    String answer = isChinese(question) ? "我是一个小语言模型。" : "I am a small language model.";
    return new Exercise(TaskCheck.WHO, greeting(question, random) + question, answer, "what am I");
  }

  /** Two things of which either is right: what to prefer is left to preference learning. */
  static Exercise pick(RandomGenerator random) {
    String question = one(PICKS, random);
    boolean chinese = isChinese(question);
    Story story = chinese ? STORY_ZH : STORY;
    List<String> words = random.nextBoolean() ? story.things : story.colours;
    List<String> both = two(words, random);
    return new Exercise(
        TaskCheck.PICK,
        greeting(question, random) + question.formatted(both.get(0), both.get(1)),
        both.get(0) + TaskCheck.OR + both.get(1),
        both.get(0) + ", " + both.get(1));
  }

  private static String greeting(String question, RandomGenerator random) {
    return one(isChinese(question) ? GREETINGS_ZH : GREETINGS, random);
  }

  static boolean isChinese(String text) {
    return CHINESE.matcher(text).find();
  }

  static String one(List<String> words, RandomGenerator random) {
    return words.get(random.nextInt(words.size()));
  }

  private static List<String> two(List<String> words, RandomGenerator random) {
    int first = random.nextInt(words.size());
    int second = (first + 1 + random.nextInt(words.size() - 1)) % words.size();
    return List.of(words.get(first), words.get(second));
  }
}
