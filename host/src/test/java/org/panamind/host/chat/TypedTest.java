package org.panamind.host.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypedTest {
  @Test
  void aBackslashJoinsLines() {
    assertFalse(Typed.isComplete("one\\"));
    assertTrue(Typed.isComplete("one\\\ntwo"));
    assertEquals("one\ntwo", Typed.text("one\\\ntwo"));
  }

  @Test
  void quotesHoldLinesAndBackslashesAsTheyAre() {
    assertEquals("a\\\n\nb", Typed.text("\"\"\"\na\\\n\nb\n\"\"\""));
    assertEquals("say \"hi\"", Typed.text("\"\"\"say \"hi\"\"\"\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"\"", "\"\"\"\"\"", "\"\"\"a", "  \"\"\"a\nb", "\"\"\"a\"\"\" b"})
  void quotesMustBeClosed(String lines) {
    assertFalse(Typed.isComplete(lines));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "a \"\"\" b", "\"\"\"\"\"\"", "\"\"\"a\"\"\"  ", "\\n"})
  void otherLinesAreWhole(String lines) {
    assertTrue(Typed.isComplete(lines));
  }
}
