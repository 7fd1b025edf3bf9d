package org.panamind.dataset.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.panamind.dataset.Samples;
import org.panamind.dataset.batch.BatchForm;
import org.panamind.dataset.batch.BatchLoader;
import org.panamind.dataset.batch.BatchPlan;
import org.panamind.dataset.batch.Row;
import org.panamind.dataset.batch.RowSource;
import org.panamind.dataset.chat.ChatEncoder;
import org.panamind.dataset.chat.ChatTokenizers;
import org.panamind.dataset.chat.MaskView;
import org.panamind.dataset.order.Cursor;
import org.panamind.dataset.order.RankShare;
import org.panamind.dataset.order.SampleOrder;
import org.panamind.dataset.tokenizer.HuggingFaceTokenizer;

class ChatRowsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAD = 0;

  @TempDir static Path folder;
  private static HuggingFaceTokenizer second;
  private static HuggingFaceTokenizer third;

  @BeforeAll
  static void load() throws IOException {
    second = ChatTokenizers.withTemplateOf(folder.resolve("2"), "minimind2");
    third = ChatTokenizers.withTemplateOf(folder.resolve("3"), "minimind3");
  }

  @AfterAll
  static void close() {
    second.close();
    third.close();
  }

  private static Samples<JsonNode> records(String... lines) {
    return new Samples<>() {
      @Override
      public long size() {
        return lines.length;
      }

      @Override
      public JsonNode get(long index) {
        try {
          return JSON.readTree(lines[(int) index]);
        } catch (IOException e) {
          throw new IllegalArgumentException(lines[(int) index], e);
        }
      }
    };
  }

  private static String turns(String... contents) {
    List<String> turns = new ArrayList<>();
    for (int i = 0; i < contents.length; i++) {
      turns.add(
          JSON.createObjectNode()
              .put("role", i % 2 == 0 ? "user" : "assistant")
              .put("content", contents[i])
              .toString());
    }
    return turns.toString();
  }

  private static String chat(String... contents) {
    return "{\"conversations\": " + turns(contents) + "}";
  }

  private static String pair(String question, String better, String worse) {
    return "{\"chosen\": %s, \"rejected\": %s}"
        .formatted(turns("a", "b", question, better), turns("a", "b", question, worse));
  }

  private static <R, B> List<B> batches(
      Samples<R> samples, BatchForm<R, B> form, int size, RankShare share) {
    List<B> batches = new ArrayList<>();
    try (BatchLoader<B> loader =
        new BatchLoader<>(
            RowSource.inOrder(samples, SampleOrder.asNumbered(samples.size())),
            form,
            new BatchPlan(size, share, PAD),
            Cursor.START,
            1,
            BatchLoader.Prefetch.DEFAULT)) {
      for (Optional<B> next = loader.next(); next.isPresent(); next = loader.next()) {
        batches.add(next.get());
      }
      assertEquals(new Cursor(1, 0), loader.cursor());
    }
    return batches;
  }

  @Test
  void cutsLongRowsOnTheRightAndMayLeaveNothingToLearn() {
    Samples<JsonNode> records = records(chat("Hello", "world"), chat("Hello world", "15"));
    ChatEncoder encoder = ChatEncoder.of(second);
    Row whole = SftRows.of(records, encoder, ChatOptions.plain(1000)).get(0);
    Row cut = SftRows.of(records, encoder, ChatOptions.plain(20)).get(0);
    assertTrue(whole.length() > 20);
    assertEquals(20, cut.length());
    assertArrayEquals(java.util.Arrays.copyOf(whole.ids(), 20), cut.ids());
    assertEquals(0, MaskView.supervisedShare(cut));
    assertTrue(MaskView.supervisedShare(whole) > 0);
  }

  @Test
  void drawsBySampleAndSeedAlone() {
    String[] lines = new String[300];
    java.util.Arrays.fill(lines, chat("Hello", "world"));
    ChatOptions options = new ChatOptions(1000, 0.2, 0.3, false, 11);
    Samples<Row> rows = SftRows.of(records(lines), ChatEncoder.of(third), options);
    int system = 0;
    int thinking = 0;
    for (int i = lines.length - 1; i >= 0; i--) {
      String text = third.decode(rows.get(i).ids());
      assertEquals(text, third.decode(rows.get(i).ids()));
      system += text.contains("system\n") ? 1 : 0;
      thinking += text.contains("<think>") ? 1 : 0;
    }
    assertTrue(system > 35 && system < 85, system + " of 300 with a system prompt");
    assertTrue(thinking > 65 && thinking < 115, thinking + " of 300 with an empty block");
  }

  @Test
  void learnsTheLastAnswerOfAPairAndMiniMindAll() {
    Samples<JsonNode> records = records(pair("12 + 3?", "15", "16 is wrong"));
    ChatEncoder encoder = ChatEncoder.of(second);
    PreferencePair ours = PreferenceRows.of(records, encoder, ChatOptions.plain(1000)).get(0);
    String shown = MaskView.BRACKETS.of(ours.rejected(), second);
    assertTrue(shown.endsWith("assistant\n⟦16 is wrong<|im_end|>\n⟧"), shown);
    assertEquals(1, shown.chars().filter(c -> c == '⟦').count());
    ChatOptions compat = new ChatOptions(1000, 0, 1, true, 0);
    PreferencePair theirs = PreferenceRows.of(records, encoder, compat).get(0);
    assertEquals(
        2, MaskView.BRACKETS.of(theirs.chosen(), second).chars().filter(c -> c == '⟦').count());
    assertArrayEquals(ours.chosen().ids(), theirs.chosen().ids());
  }

  @Test
  void drawsEmptyThinkingOnceForBothOfAPair() {
    String[] lines = new String[100];
    java.util.Arrays.fill(lines, pair("q", "one", "two"));
    Samples<JsonNode> records = records(lines);
    ChatEncoder encoder = ChatEncoder.of(third);
    int apart = 0;
    for (int i = 0; i < lines.length; i++) {
      PreferencePair ours =
          PreferenceRows.of(records, encoder, new ChatOptions(1000, 0, 0.5, false, 3)).get(i);
      assertEquals(thinks(ours.chosen()), thinks(ours.rejected()));
      PreferencePair theirs =
          PreferenceRows.of(records, encoder, new ChatOptions(1000, 0, 0.5, true, 3)).get(i);
      apart += thinks(theirs.chosen()) == thinks(theirs.rejected()) ? 0 : 1;
    }
    assertTrue(apart > 20, apart + " of 100 drawn apart in MiniMind's form");
  }

  private static boolean thinks(Row row) {
    return third.decode(row.ids()).contains("<think>");
  }

  @Test
  void putsAllChosenBeforeAllRejectedAndFillsARankThatGetsNone() {
    Samples<JsonNode> records =
        records(pair("q", "a", "b"), pair("qq", "Hello world", "c"), pair("q", "d", "e"));
    Samples<PreferencePair> pairs =
        PreferenceRows.of(records, ChatEncoder.of(second), ChatOptions.plain(1000));
    List<PreferenceBatch> batches = batches(pairs, PreferenceBatch.FORM, 2, RankShare.ALONE);
    assertEquals(2, batches.size());
    PreferenceBatch first = batches.getFirst();
    assertEquals(2, first.pairs());
    assertArrayEquals(new long[] {0, 1}, first.samples());
    assertEquals(4, first.rows().rows());
    assertEquals(pairs.get(1).chosen().length(), first.rows().length());
    int[] lengths = first.rows().lengths();
    assertEquals(pairs.get(0).rejected().length(), lengths[2]);
    assertEquals(pairs.get(1).rejected().length(), lengths[3]);
    List<PreferenceBatch> idle = batches(pairs, PreferenceBatch.FORM, 1, new RankShare(0, 2));
    assertEquals(0, idle.getLast().rows().supervisedTokens());
  }

  @Test
  void weighsTheTagsThemselvesAndMiniMindEveryPieceOfThem() {
    String answer = "<think>\nthe water < 3\n</think>\n<answer>\n15</answer>";
    Samples<JsonNode> records = records(chat("q", answer));
    ChatEncoder encoder = ChatEncoder.of(second);
    WeightedRow ours =
        TagRows.of(records, encoder, ChatOptions.plain(1000), TagRows.REASONING_TAGS, 10).get(0);
    assertEquals("<think>|</think>|<answer>|</answer>", heavy(ours));
    WeightedRow theirs =
        TagRows.of(
                records, encoder, new ChatOptions(1000, 0, 1, true, 0), TagRows.REASONING_TAGS, 10)
            .get(0);
    assertNotEquals(heavy(ours), heavy(theirs));
    assertTrue(heavy(theirs).length() > heavy(ours).length(), heavy(theirs));
    WeightedBatch batch =
        batches(
                TagRows.of(
                    records(chat("q", answer), chat("q", "x")),
                    encoder,
                    ChatOptions.plain(1000),
                    TagRows.REASONING_TAGS,
                    10),
                WeightedBatch.FORM,
                2,
                RankShare.ALONE)
            .getFirst();
    int length = batch.rows().length();
    for (int t = 0; t < length; t++) {
      assertEquals(ours.weights()[t], batch.weights()[t]);
      boolean learned = batch.rows().labels()[length + t] != Row.IGNORED;
      assertEquals(learned ? 1 : 0, batch.weights()[length + t]);
    }
  }

  /** The texts of the heavy tokens, neighbours together; only supervised ones may have a weight. */
  private static String heavy(WeightedRow row) {
    StringBuilder out = new StringBuilder();
    boolean before = false;
    for (int t = 0; t < row.weights().length; t++) {
      assertEquals(row.row().labels()[t] == Row.IGNORED, row.weights()[t] == 0);
      boolean now = row.weights()[t] > 1;
      if (now) {
        out.append(before || out.isEmpty() ? "" : "|");
        out.append(second.decode(new int[] {row.row().ids()[t]}));
      }
      before = now;
    }
    return out.toString();
  }

  @Test
  void keepsTheEndOfALongPromptAndPadsOnTheLeft() {
    Samples<JsonNode> records = records(chat("Hello Hello Hello Hello", "无"), chat("q", ""));
    ChatEncoder encoder = ChatEncoder.of(second);
    Samples<Prompt> whole = PromptRows.of(records, encoder, new PromptOptions(1000, 0, 0, 1));
    Samples<Prompt> cut = PromptRows.of(records, encoder, new PromptOptions(30, 0, 0, 1));
    int[] ids = whole.get(0).ids();
    assertArrayEquals(
        IntStream.range(ids.length - 30, ids.length).map(i -> ids[i]).toArray(), cut.get(0).ids());
    assertTrue(second.decode(cut.get(0).ids()).endsWith("<|im_start|>assistant\n"));
    PromptBatch batch = batches(whole, PromptBatch.FORM, 2, RankShare.ALONE).getFirst();
    int pad = batch.length() - whole.get(1).ids().length;
    assertTrue(pad > 0);
    for (int t = 0; t < batch.length(); t++) {
      int at = batch.length() + t;
      assertEquals(t < pad ? 0 : 1, batch.mask()[at]);
      assertEquals(t < pad ? PAD : whole.get(1).ids()[t - pad], batch.ids()[at]);
    }
    assertTrue(batch.prompts().getFirst().counts());
    Samples<Prompt> one =
        PromptRows.of(records(chat("q", "")), encoder, new PromptOptions(9, 0, 0, 1));
    assertFalse(
        batches(one, PromptBatch.FORM, 1, new RankShare(0, 2))
            .getFirst()
            .prompts()
            .getFirst()
            .counts());
  }

  @Test
  void namesTheRecordThatATemplateRefuses(@TempDir Path own) throws IOException {
    try (HuggingFaceTokenizer tokenizer =
        ChatTokenizers.withTemplate(
            own,
            "{{ raise_exception('no') if messages[0].content == 'bad' }}{% for m in messages %}{{"
                + " m.content }}{% endfor %}")) {
      Samples<Row> rows =
          SftRows.of(
              records(chat("good", "a"), chat("bad", "a")),
              ChatEncoder.of(tokenizer),
              ChatOptions.plain(10));
      assertTrue(rows.get(0).length() > 1);
      String message = assertThrows(DataException.class, () -> rows.get(1)).getMessage();
      assertTrue(message.startsWith("record 2: chat template:1:"), message);
    }
  }
}
