package org.panamind.dataset.template;

import java.util.List;

/** A statement; what can be missing is null. */
sealed interface Node {
  Place at();

  /** Text to be copied. */
  record Data(Place at, Text text) implements Node {}

  /** {@code {{ value }}}. */
  record Print(Place at, Expr value) implements Node {}

  /** {@code if}, with what follows it as {@code otherwise}. */
  record If(Place at, Expr condition, List<Node> then, List<Node> otherwise) implements Node {}

  /** {@code for targets in items if condition}. */
  record For(
      Place at,
      List<String> targets,
      Expr items,
      Expr condition,
      List<Node> body,
      List<Node> otherwise)
      implements Node {}

  /** {@code set a, b = value}. */
  record Set(Place at, List<String> targets, Expr value) implements Node {}

  /** {@code set object.name = value}, for a namespace. */
  record SetAttribute(Place at, String object, Text name, Expr value) implements Node {}

  /** {@code set name} to {@code endset}. */
  record SetBlock(Place at, String name, List<Node> body) implements Node {}

  /** {@code macro}; a default is null where there is none. */
  record Macro(Place at, String name, List<String> parameters, List<Expr> defaults, List<Node> body)
      implements Node {}

  /** {@code generation} to {@code endgeneration}: transformers' mark, which renders nothing. */
  record Group(Place at, List<Node> body) implements Node {}

  /** {@code break} or {@code continue}. */
  record Jump(Place at, boolean leave) implements Node {}
}
