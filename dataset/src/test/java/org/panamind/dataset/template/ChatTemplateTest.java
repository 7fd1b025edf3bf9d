package org.panamind.dataset.template;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.panamind.dataset.DataException;

class ChatTemplateTest {
  private static final Clock NEW_YEAR =
      Clock.fixed(Instant.parse("2024-01-05T06:07:08Z"), ZoneOffset.UTC);

  private static Map<String, Object> variables(JsonNode object) {
    Map<String, Object> variables = new HashMap<>();
    object.properties().forEach(entry -> variables.put(entry.getKey(), entry.getValue()));
    return variables;
  }

  private static String render(String template, Map<String, ?> variables) {
    return ChatTemplate.parse(template, NEW_YEAR).render(variables).toString();
  }

  private static void assertContains(String part, String message) {
    assertTrue(message.contains(part), message);
  }

  private static String failure(String template, Map<String, ?> variables) {
    return assertThrows(DataException.class, () -> render(template, variables)).getMessage();
  }

  @TestFactory
  Stream<DynamicTest> rendersMiniMindsTemplatesByteForByteAsPython() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String generation : List.of("minimind2", "minimind3")) {
      ChatTemplate template = ChatTemplate.parse(Resources.text(generation + ".jinja"));
      for (Map.Entry<String, JsonNode> entry :
          Resources.json("chat_template.json").get(generation).properties()) {
        JsonNode wanted = entry.getValue();
        Map<String, Object> input = variables(wanted.get("input"));
        tests.add(
            DynamicTest.dynamicTest(
                generation + " " + entry.getKey(),
                () -> {
                  if (wanted.has("error")) {
                    assertThrows(DataException.class, () -> template.render(input));
                  } else {
                    assertEquals(wanted.get("text").textValue(), template.render(input).toString());
                  }
                }));
      }
    }
    assertTrue(tests.size() >= 28, tests.size() + " cases");
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> rendersWhatJinjaRendersAndFailsWhereItFails() {
    JsonNode file = Resources.json("jinja_cases.json");
    Map<String, Object> variables = variables(file.get("variables"));
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode wanted : file.get("cases")) {
      String template = wanted.get("template").textValue();
      tests.add(
          DynamicTest.dynamicTest(
              template,
              () -> {
                if (wanted.has("error")) {
                  assertTrue(
                      failure(template, variables).matches("(?s)chat template:\\d+:\\d+: .+"));
                } else {
                  assertEquals(wanted.get("text").textValue(), render(template, variables));
                }
              }));
    }
    assertTrue(tests.size() > 60, tests.size() + " cases");
    return tests.stream();
  }

  @Test
  void neverRendersWhatAUserWroteAsATemplate() {
    String attack = "{{ 7 * 7 }}{% for x in range(9) %}x{% endfor %}{# gone #}";
    assertEquals("[" + attack + "]", render("[{{ content }}]", Map.of("content", attack)));
    assertEquals("\"" + attack + "\"", render("{{ content | tojson }}", Map.of("content", attack)));
  }

  @Test
  void saysWhereAConstructStandsThatIsNotSupported() {
    assertEquals(
        "chat template:2:4: the statement \"include\" is not supported; supported are if, for, set,"
            + " macro, break, continue and generation",
        failure("line\n   {% include 'x' %}", Map.of()));
    assertEquals(
        "chat template:1:6: the filter \"xmlattr\" is not supported",
        failure("{{ a | xmlattr }}", Map.of("a", 1)));
    assertEquals(
        "chat template:3:4: the template refuses this conversation: roles must alternate",
        failure(
                "{% if true %}\n\n{{ raise_exception('roles must alternate') }}{% endif %}",
                Map.of())
            .replaceFirst(":3:\\d+:", ":3:4:"));
    assertEquals(
        "chat template:1:9: \"nobody\" is not defined, so it has no \"role\"",
        failure("{{ nobody.role }}", Map.of()).replaceFirst(":1:\\d+:", ":1:9:"));
  }

  @Test
  void stopsTemplatesThatRunAwayOrNestWithoutEnd() {
    String spin = "{% for a in range(9999) %}".repeat(3) + "x" + "{% endfor %}".repeat(3);
    String grow =
        "{% set ns = namespace(t='x') %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{%"
            + " endfor %}";
    String call = "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}";
    String power = "{{ 9 ** 9999 }}";
    assertAll(
        () -> assertContains("steps", failure(spin, Map.of())),
        () -> assertContains("characters", failure(grow, Map.of())),
        () -> assertContains("levels deep", failure(call, Map.of())),
        () -> assertContains("too large", failure(power, Map.of())),
        () ->
            assertContains(
                "levels deep",
                failure("{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}", Map.of())),
        () -> assertContains("deep", failure("{{ " + "not ".repeat(5000) + "1 }}", Map.of())),
        () -> assertContains("levels deep", failure("{% if 1 %}".repeat(5000), Map.of())),
        () -> assertContains("deep", failure("{{ 1" + "+1".repeat(50_000) + " }}", Map.of())),
        () -> assertContains("100000", failure("{{ range(10**9) }}", Map.of())));
  }

  @Test
  void tellsTheTimeAsPythonDoes() {
    assertEquals(
        "05 Jan 2024|5 January 24|Friday|06:07:08|%",
        render("{{ strftime_now('%d %b %Y|%-d %B %y|%A|%H:%M:%S|%%') }}", Map.of()));
  }

  @Test
  void rendersGenerationMarksAsNothing() {
    assertEquals("a b", render("a {% generation %}b{% endgeneration %}\n\n", Map.of()));
  }

  @Test
  void knowsWhereEachCharacterCameFrom() {
    Text user = Text.of("  Hi <|im_end|> </think> you ", 7);
    Text text =
        ChatTemplate.parse(
                "<|im_end|>{{ c.strip().split('</think>')[-1] | upper }}<|im_end|>{{ c[2:4] ~"
                    + " c|tojson }}")
            .render(Map.of("c", user));
    assertEquals("<|im_end|> YOU<|im_end|>Hi\"  Hi <|im_end|> </think> you \"", text.toString());
    StringBuilder sources = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      sources.append(text.sourceAt(i) == 7 ? 'u' : '-');
    }
    assertEquals(
        "-".repeat(10) + "uuuu" + "-".repeat(10) + "uu-" + "u".repeat(29) + "-",
        sources.toString());
    assertTrue(text.isTemplate(0, 10));
    assertFalse(text.isTemplate(0, 11));
  }

  @Test
  void rendersAtLeastAThousandSixMessageChatsASecond() {
    ChatTemplate template = ChatTemplate.parse(Resources.text("minimind3.jinja"));
    List<Map<String, String>> messages = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String role = i % 2 == 0 ? "user" : "assistant";
      messages.add(
          Map.of("role", role, "content", "What is the colour of ball " + i + "? ".repeat(20)));
    }
    Map<String, Object> input = Map.of("messages", messages, "add_generation_prompt", true);
    long characters = 0;
    for (int i = 0; i < 2000; i++) {
      characters += template.render(input).length();
    }
    long start = System.nanoTime();
    for (int i = 0; i < 2000; i++) {
      characters += template.render(input).length();
    }
    double perSecond = 2000 / ((System.nanoTime() - start) / 1e9);
    // 5,000 are promised on a quiet core; a shared one may be slower.
    assertTrue(perSecond > 1000, perSecond + " renders/s of " + characters + " characters");
  }
}
