package org.panamind.dataset.sample;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Short English and Chinese texts that a very small model learns within minutes: stories, sums,
 * colours, counting. They are regular enough to be learned and varied enough that a held-out one
 * was not seen.
 */
public final class SampleText implements SampleGenerator {
  /** Records for a first run of a few minutes. */
  public static final int TRAINING_COUNT = 6000;

  /** Records to measure such a run on. */
  public static final int HELD_OUT_COUNT = 200;

  private static final int LARGEST_NUMBER = 20;

  private static final List<String> NAMES =
      List.of("Tom", "Lily", "Max", "Anna", "Ben", "Mia", "Sam", "Ella");
  private static final List<String> ANIMALS =
      List.of("cat", "dog", "rabbit", "bird", "bear", "fox", "mouse", "duck");
  private static final List<String> PLACES =
      List.of("in a small house", "near the river", "in the green forest", "on a quiet farm");
  private static final List<String> TIMES =
      List.of("One sunny morning", "One rainy day", "Late in the evening", "After lunch");
  private static final List<String> COLOURS =
      List.of("red", "blue", "yellow", "green", "white", "black");
  private static final List<String> THINGS =
      List.of("ball", "book", "hat", "kite", "box", "boat", "flower", "cup");
  private static final List<String> ENDINGS =
      List.of(
          "They played with it all day long.",
          "They put it on the table and smiled.",
          "Then they went home and slept well.",
          "They laughed and were good friends.");

  private static final List<String> NAMES_ZH = List.of("小明", "小红", "乐乐", "天天", "阿宝", "朵朵");
  private static final List<String> ANIMALS_ZH = List.of("小猫", "小狗", "兔子", "小鸟", "小熊", "狐狸");
  private static final List<String> PLACES_ZH = List.of("森林里", "小河边", "农场上", "山脚下");
  private static final List<String> TIMES_ZH = List.of("一天早上", "下雨的时候", "吃过午饭", "到了晚上");
  private static final List<String> COLOURS_ZH = List.of("红色", "蓝色", "黄色", "绿色", "白色", "黑色");
  private static final List<String> THINGS_ZH = List.of("皮球", "书包", "帽子", "风筝", "盒子", "小船");
  private static final List<String> ENDINGS_ZH =
      List.of("他们一起玩了一整天。", "大家都笑了。", "然后他们高高兴兴地回家了。", "他们成了好朋友。");

  private static final List<String> FACTS =
      List.of(
          "The sky is blue.",
          "Grass is green.",
          "Snow is white.",
          "A lemon is yellow.",
          "Coal is black.",
          "A tomato is red.",
          "Red and yellow make orange.",
          "Blue and yellow make green.",
          "Red and blue make purple.");
  private static final List<String> FACTS_ZH =
      List.of(
          "天空是蓝色的。", "草是绿色的。", "雪是白色的。", "柠檬是黄色的。", "煤是黑色的。", "番茄是红色的。", "红色加黄色是橙色。", "蓝色加黄色是绿色。");

  @Override
  public String name() {
    return "pretrain";
  }

  /**
   * Writes a first run's two files.
   *
   * @see SampleFiles#write
   */
  public static SampleFiles write(Path folder, long seed) {
    return SampleFiles.write(folder, new SampleText(), seed, TRAINING_COUNT, HELD_OUT_COUNT);
  }

  @Override
  public ObjectNode next(RandomGenerator random) {
    return JsonNodeFactory.instance.objectNode().put("text", text(random));
  }

  private static String text(RandomGenerator random) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> story(random);
      case 3, 4 -> storyInChinese(random);
      case 5, 6 -> sum(random);
      case 7 -> sumInChinese(random);
      case 8 -> count(random);
      default -> colours(random);
    };
  }

  private static String story(RandomGenerator random) {
    String name = any(NAMES, random);
    String thing = any(THINGS, random);
    String colour = any(COLOURS, random);
    return "%s the %s lived %s. %s, %s found a %s %s. \"What a nice %s!\" said %s. %s saw the %s %s too. %s"
        .formatted(
            name,
            any(ANIMALS, random),
            any(PLACES, random),
            any(TIMES, random),
            name,
            colour,
            thing,
            thing,
            name,
            otherThan(name, NAMES, random),
            colour,
            thing,
            any(ENDINGS, random));
  }

  private static String storyInChinese(RandomGenerator random) {
    String name = any(NAMES_ZH, random);
    String thing = any(THINGS_ZH, random);
    String colour = any(COLOURS_ZH, random);
    return "%s住着一只%s，名叫%s。%s，%s找到了一个%s的%s。“多好的%s啊！”%s说。%s也看见了这个%s的%s。%s"
        .formatted(
            any(PLACES_ZH, random),
            any(ANIMALS_ZH, random),
            name,
            any(TIMES_ZH, random),
            name,
            colour,
            thing,
            thing,
            name,
            otherThan(name, NAMES_ZH, random),
            colour,
            thing,
            any(ENDINGS_ZH, random));
  }

  private static String sum(RandomGenerator random) {
    int a = random.nextInt(LARGEST_NUMBER + 1);
    int b = random.nextInt(LARGEST_NUMBER + 1);
    return random.nextBoolean()
        ? "What is %d plus %d? %d + %d = %d.".formatted(a, b, a, b, a + b)
        : "What is %d minus %d? %d - %d = %d.".formatted(a + b, b, a + b, b, a);
  }

  private static String sumInChinese(RandomGenerator random) {
    int a = random.nextInt(LARGEST_NUMBER + 1);
    int b = random.nextInt(LARGEST_NUMBER + 1);
    return random.nextBoolean()
        ? "%d加%d等于几？%d加%d等于%d。".formatted(a, b, a, b, a + b)
        : "%d减%d等于几？%d减%d等于%d。".formatted(a + b, b, a + b, b, a);
  }

  private static String count(RandomGenerator random) {
    int from = random.nextInt(LARGEST_NUMBER);
    int to = from + 2 + random.nextInt(8);
    boolean chinese = random.nextBoolean();
    boolean back = random.nextBoolean();
    String numbers =
        IntStream.rangeClosed(from, to)
            .map(i -> back ? from + to - i : i)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(chinese ? "、" : ", "));
    int first = back ? to : from;
    int last = back ? from : to;
    return chinese
        ? "从%d数到%d：%s。".formatted(first, last, numbers)
        : "Count from %d to %d: %s.".formatted(first, last, numbers);
  }

  private static String colours(RandomGenerator random) {
    boolean chinese = random.nextBoolean();
    List<String> facts = chinese ? FACTS_ZH : FACTS;
    String first = any(facts, random);
    String second = otherThan(first, facts, random);
    return first + (chinese ? "" : " ") + second + (chinese ? "" : " ") + any(facts, random);
  }

  private static String any(List<String> words, RandomGenerator random) {
    return words.get(random.nextInt(words.size()));
  }

  private static String otherThan(String word, List<String> words, RandomGenerator random) {
    int step = 1 + random.nextInt(words.size() - 1);
    return words.get((words.indexOf(word) + step) % words.size());
  }
}
