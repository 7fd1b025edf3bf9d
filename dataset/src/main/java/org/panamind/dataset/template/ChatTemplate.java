package org.panamind.dataset.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.panamind.dataset.DataException;

/**
 * A chat template as {@code tokenizer_config.json} holds it, parsed once and rendered as often as
 * need be, by many threads at once. Limits on depth, steps and length hold for every rendering.
 */
public final class ChatTemplate {
  private final List<Node> nodes;
  private final Map<String, Object> functions;

  private ChatTemplate(List<Node> nodes, Map<String, Object> functions) {
    this.nodes = nodes;
    this.functions = functions;
  }

  /**
   * Parses a template.
   *
   * @throws DataException if it uses what is not supported, with line and column
   */
  public static ChatTemplate parse(String source) {
    return parse(source, Clock.systemDefaultZone());
  }

  /**
   * Parses a template.
   *
   * @param clock what {@code strftime_now} reads
   * @throws DataException as {@link #parse(String)}
   */
  public static ChatTemplate parse(String source, Clock clock) {
    return new ChatTemplate(Parser.parse(source), Functions.all(clock));
  }

  /**
   * Renders to a text that knows its sources.
   *
   * @param variables null, {@code Boolean}, {@code Number}, {@code String}, {@link Text}, {@code
   *     List}, {@code Map} and Jackson's {@code JsonNode}, nested as one likes; a variable that is
   *     not there is undefined
   * @throws DataException if the template refuses the conversation or does something that Python
   *     would not do, with line and column
   */
  public Text render(Map<String, ?> variables) {
    Map<String, Object> all = new HashMap<>(functions);
    variables.forEach((name, value) -> all.put(name, TemplateValues.of(value)));
    try {
      return new Renderer(all).render(nodes);
    } catch (StackOverflowError e) {
      // The parser bounds brackets and blocks; a chain of ten thousand operators is as deep.
      throw new DataException("chat template: an expression is too deep to be computed", e);
    }
  }

  /**
   * A JSON value for {@link #render}, all its strings marked with a source.
   *
   * @param source any number from 0
   */
  public static Object sourced(JsonNode value, int source) {
    return TemplateValues.of(value, source);
  }
}
