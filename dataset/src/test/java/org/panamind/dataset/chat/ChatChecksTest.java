package org.panamind.dataset.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.panamind.dataset.DataException;
import org.panamind.dataset.jsonl.BadLines;
import org.panamind.dataset.jsonl.JsonlFile;
import org.panamind.dataset.jsonl.LineCheck;

class ChatChecksTest {
  private static final String GOOD =
      "{\"conversations\": [{\"role\": \"user\", \"content\": \"q\"}, {\"role\": \"assistant\","
          + " \"content\": \"a\"}]}";

  @TempDir Path folder;

  private String failure(String good, String bad, LineCheck check) throws IOException {
    Path file = folder.resolve("chat.jsonl");
    Files.writeString(file, good + "\n" + bad + "\n");
    String message =
        assertThrows(DataException.class, () -> JsonlFile.open(file, check, BadLines.FAIL))
            .getMessage();
    assertTrue(message.startsWith(file + ":2: "), message);
    return message.substring((file + ":2: ").length(), message.indexOf("; line starts"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'text': 'x'} | 'conversations' is missing",
        "{'conversations': []} | 'conversations' is no list of messages",
        "{'conversations': 'x'} | 'conversations' is no list of messages",
        "{'conversations': ['x']} | 'conversations' message 1: is no object with a 'role' and a"
            + " 'content'",
        "{'conversations': [{'role': 'user', 'content': 'q'}, {'role': 'user', 'content': 'q'}]} |"
            + " 'conversations' message 2: user follows user, but user and assistant must"
            + " alternate",
        "{'conversations': [{'role': 'assistant', 'content': 'q'}]} | 'conversations' message 1: a"
            + " conversation cannot begin with assistant; it begins with system or user",
        "{'conversations': [{'role': 'boss', 'content': 'q'}]} | 'conversations' message 1: the"
            + " role 'boss' is unknown; known are system, user, assistant and tool",
        "{'conversations': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': '"
            + " \\n"
            + "'}]} | 'conversations' message 2: 'content' is empty",
        "{'conversations': [{'role': 'user'}]} | 'conversations' message 1: 'content' is missing",
        "{'conversations': [{'role': 'user', 'content': 5}]} | 'conversations' message 1: 'content'"
            + " is not a string",
        "{'conversations': [{'role': 'user', 'content': 'q'}]} | 'conversations' has no answer of"
            + " the assistant to learn",
        "{'conversations': [{'role': 'system', 'content': 's', 'tools': '[{'}]} | 'conversations'"
            + " message 1: 'tools' is not JSON",
        "{'conversations': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a',"
            + " 'tool_calls': 'x y'}]} | 'conversations' message 2: 'tool_calls' is not JSON"
      })
  void saysWhatIsWrongWithWhichMessageOfWhichLine(String bad, String wanted) throws IOException {
    assertEquals(
        wanted.replace('\'', '"'),
        failure(GOOD, bad.replace('\'', '"'), ChatChecks.conversations()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'chosen': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]} |"
            + " 'rejected' is missing",
        "{'chosen': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}],"
            + " 'rejected': [{'role': 'user', 'content': 'Q'}, {'role': 'assistant', 'content':"
            + " 'b'}]} | 'chosen' and 'rejected' differ in message 1, before their last answers: a"
            + " pair must share its prompt",
        "{'chosen': [{'role': 'user', 'content': 'q'}], 'rejected': [{'role': 'user', 'content':"
            + " 'q'}]} | 'chosen' ends with user, not with an answer"
      })
  void saysWhatIsWrongWithAPair(String bad, String wanted) throws IOException {
    String good =
        GOOD.replace("conversations", "chosen").replace("]}", "], ")
            + GOOD.replace("{\"conversations", "\"rejected").replace(": \"a\"", ": \"b\"");
    assertEquals(
        wanted.replace('\'', '"'), failure(good, bad.replace('\'', '"'), ChatChecks.preferences()));
  }

  @Test
  void leavesTheLastAnswerOfAPromptToTheModel() throws IOException {
    String head = "{\"conversations\": [{\"role\": \"user\", \"content\": \"q\"}";
    Path file = folder.resolve("rlaif.jsonl");
    Files.writeString(
        file,
        head
            + ", {\"role\": \"assistant\", \"content\": \"无\"}]}\n"
            + head
            + ", {\"role\": \"assistant\", \"content\": \"\"}]}\n"
            + head
            + "]}\n");
    try (JsonlFile records = JsonlFile.open(file, ChatChecks.prompts(), BadLines.FAIL)) {
      for (int i = 0; i < 3; i++) {
        Conversation prompt = Conversation.of(records.get(i).get("conversations")).prompt();
        assertEquals(Conversation.of(Message.of("user", "q")), prompt);
      }
    }
    assertEquals(
        "\"conversations\" message 2: \"content\" is empty",
        failure(
            GOOD,
            head
                + ", {\"role\": \"assistant\", \"content\": \"\"}, {\"role\": \"user\","
                + " \"content\": \"x\"}]}",
            ChatChecks.prompts()));
  }

  @Test
  void takesToolsAndTheirResults() throws IOException {
    Path file = folder.resolve("tools.jsonl");
    Files.writeString(
        file,
        """
        {"conversations": [{"role": "system", "content": "s", "functions": [{"name": "f"}]}, {"role": "user", "content": "q"}, {"role": "assistant", "content": null, "tool_calls": [{"name": "f", "arguments": {}}]}, {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"}, {"role": "assistant", "content": "a", "reasoning_content": "r", "tool_calls": ""}]}
        """);
    try (JsonlFile records = JsonlFile.open(file, ChatChecks.conversations(), BadLines.FAIL)) {
      Conversation conversation = Conversation.of(records.get(0).get("conversations"));
      assertEquals("f", conversation.tools().path(0).path("name").textValue());
      assertTrue(conversation.usesTools());
    }
  }
}
