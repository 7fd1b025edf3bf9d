package org.panamind.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import org.panamind.model.Architecture;
import org.panamind.model.ModelConfigException;

/** The fields of one {@code config.json}, checked one by one; a null counts as not there. */
final class HubFields {
  private static final String INTERNLM2 = "internlm2";

  private final JsonNode node;
  private final String where;

  HubFields(JsonNode node, String where) {
    this.node = node;
    this.where = where;
    if (!node.isObject() && !node.isMissingNode()) throw wrong("is no JSON object");
  }

  /** Whether this is of Hugging Face's own models, not of MiniMind's. */
  boolean isForeign() {
    return !text("model_type", "minimind").equals("minimind");
  }

  boolean isInternLm2() {
    return text("model_type", "").equals(INTERNLM2);
  }

  Architecture architecture() {
    return switch (text("model_type", "minimind")) {
      case "llama", INTERNLM2 -> Architecture.MINIMIND2;
      case "qwen3", "qwen3_moe" -> Architecture.MINIMIND3;
      case "minimind" ->
          node.has("n_routed_experts") ? Architecture.MINIMIND2 : Architecture.MINIMIND3;
      default ->
          throw wrong(
              "model_type is "
                  + node.get("model_type")
                  + "; known are llama, internlm2, qwen3, qwen3_moe and minimind");
    };
  }

  boolean hasExperts() {
    return flag("use_moe", text("model_type", "").equals("qwen3_moe"));
  }

  /** Where rotations are told: {@code rope_parameters} since transformers 5. */
  HubFields rope() {
    var newer = node.path("rope_parameters");
    var found = newer.isObject() ? newer : node.path("rope_scaling");
    return new HubFields(found.isObject() ? found : MissingNode.getInstance(), where);
  }

  int size(String name) {
    if (!node.hasNonNull(name)) throw wrong(name + " is missing");
    return size(name, 0);
  }

  int size(String name, int otherwise) {
    if (!node.hasNonNull(name)) return otherwise;
    var value = node.get(name);
    if (!value.canConvertToInt() || !value.isIntegralNumber())
      throw wrong(name + " is " + value + ", must be a whole number");
    return value.intValue();
  }

  double number(String name, double otherwise) {
    if (!node.hasNonNull(name)) return otherwise;
    var value = node.get(name);
    if (!value.isNumber()) throw wrong(name + " is " + value + ", must be a number");
    return value.doubleValue();
  }

  boolean flag(String name, boolean otherwise) {
    if (!node.hasNonNull(name)) return otherwise;
    var value = node.get(name);
    if (!value.isBoolean()) throw wrong(name + " is " + value + ", must be true or false");
    return value.booleanValue();
  }

  String text(String name, String otherwise) {
    return node.hasNonNull(name) ? node.get(name).asText() : otherwise;
  }

  /** Refuses a choice that our decoder does not make. */
  void require(String name, String wanted, String otherwise) {
    var value = node.hasNonNull(name) ? node.get(name) : null;
    var actual = value == null ? otherwise : value.isTextual() ? value.asText() : value.toString();
    if (!actual.equals(wanted))
      throw wrong(name + " is " + actual + ", this decoder has only " + wanted);
  }

  ModelConfigException wrong(String what) {
    return new ModelConfigException(where + ": " + what);
  }
}
