package org.panamind.dataset.template;

import java.util.List;
import java.util.Map;

/** An expression; what can be missing is null. */
sealed interface Expr {
  Place at();

  /** A constant. */
  record Literal(Place at, Object value) implements Expr {}

  /** A variable. */
  record Name(Place at, String name) implements Expr {}

  /** {@code [a, b]}, or {@code (a, b)}, a tuple. */
  record ListOf(Place at, List<Expr> items, boolean tuple) implements Expr {}

  /** {@code {k: v}}. */
  record DictOf(Place at, List<Expr> keys, List<Expr> values) implements Expr {}

  /** {@code a.name}. */
  record Attribute(Place at, Expr of, Text name) implements Expr {}

  /** {@code a[key]}. */
  record Item(Place at, Expr of, Expr key) implements Expr {}

  /** {@code a[from:to:step]}. */
  record Slice(Place at, Expr of, Expr from, Expr to, Expr step) implements Expr {}

  /** {@code f(...)}. */
  record Call(Place at, Expr function, Arguments arguments) implements Expr {}

  /** {@code a | name(...)}. */
  record Filtered(Place at, Expr value, String name, Arguments arguments) implements Expr {}

  /** {@code a is name(...)}. */
  record Tested(Place at, Expr value, String name, Arguments arguments) implements Expr {}

  /** {@code not a}, {@code -a}, {@code +a}. */
  record Unary(Place at, String operator, Expr operand) implements Expr {}

  /** {@code a + b} and the like, {@code and} and {@code or} too. */
  record Binary(Place at, String operator, Expr left, Expr right) implements Expr {}

  /** {@code a < b <= c}: each pair must hold. */
  record Compared(Place at, Expr first, List<String> operators, List<Expr> rest) implements Expr {}

  /** {@code a if condition else b}. */
  record Choice(Place at, Expr condition, Expr then, Expr otherwise) implements Expr {}

  /** What stands in the brackets of a call. */
  record Arguments(List<Expr> positional, Map<String, Expr> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
