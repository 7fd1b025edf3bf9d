package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses what stands behind a value and binds tightest. */
final class SuffixParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  SuffixParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** Attributes, items, slices and calls behind {@code base}. */
  Expr after(Expr base) {
    Expr value = base;
    while (true) {
      Place at = tokens.peek().at();
      if (tokens.takeOperator(".")) {
        Token name = tokens.take();
        value =
            switch (name.kind()) {
              case NAME -> new Expr.Attribute(at, value, Text.of(name.text()));
              case INTEGER ->
                  new Expr.Item(at, value, new Expr.Literal(at, ExpressionParser.integer(name)));
              default -> throw name.at().error("a name is expected after \".\"");
            };
      } else if (tokens.takeOperator("[")) {
        value = subscript(at, value);
      } else if (tokens.atOperator("(")) {
        value = new Expr.Call(at, value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expr subscript(Place at, Expr of) {
    Expr from = tokens.atOperator(":") ? null : expressions.parse();
    if (tokens.takeOperator("]")) {
      return new Expr.Item(at, of, from);
    }
    tokens.needOperator(":");
    Expr to = tokens.atOperator(":") || tokens.atOperator("]") ? null : expressions.parse();
    Expr step = tokens.takeOperator(":") && !tokens.atOperator("]") ? expressions.parse() : null;
    tokens.needOperator("]");
    return new Expr.Slice(at, of, from, to, step);
  }

  private Expr.Arguments arguments() {
    tokens.needOperator("(");
    List<Expr> positional = new ArrayList<>();
    Map<String, Expr> named = new LinkedHashMap<>();
    while (!tokens.takeOperator(")")) {
      if (tokens.atOperator("*") || tokens.atOperator("**")) {
        throw tokens.peek().at().error("unpacking arguments with \"*\" is not supported");
      }
      Expr value = expressions.parse();
      if (value instanceof Expr.Name name && tokens.takeOperator("=")) {
        named.put(name.name(), expressions.parse());
      } else if (named.isEmpty()) {
        positional.add(value);
      } else {
        throw value.at().error("a positional argument follows a named one");
      }
      if (!tokens.atOperator(")")) {
        tokens.needOperator(",");
      }
    }
    return new Expr.Arguments(positional, named);
  }

  /** Filters and tests behind {@code base}. */
  Expr filtersAfter(Expr base) {
    Expr value = base;
    while (true) {
      Place at = tokens.peek().at();
      if (tokens.takeOperator("|")) {
        String name = tokens.needName();
        Expr.Arguments arguments = tokens.atOperator("(") ? arguments() : Expr.Arguments.NONE;
        Filters.require(name, at);
        value = new Expr.Filtered(at, value, name, arguments);
      } else if (tokens.takeWord("is")) {
        value = test(at, value);
      } else if (tokens.atOperator("(")) {
        value = new Expr.Call(at, value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expr test(Place at, Expr value) {
    boolean negated = tokens.takeWord("not");
    String name = tokens.needName();
    Tests.require(name, at);
    Expr.Arguments arguments = Expr.Arguments.NONE;
    if (tokens.atOperator("(")) {
      arguments = arguments();
    } else if (startsTestArgument()) {
      arguments = new Expr.Arguments(List.of(after(expressions.primary())), Map.of());
    }
    Expr test = new Expr.Tested(at, value, name, arguments);
    return negated ? new Expr.Unary(at, "not", test) : test;
  }

  /** {@code x is divisibleby 3}: an argument without brackets. */
  private boolean startsTestArgument() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> !Set.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> "[{".contains(token.text());
      default -> false;
    };
  }
}
