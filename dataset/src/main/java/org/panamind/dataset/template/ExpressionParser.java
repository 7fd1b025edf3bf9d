package org.panamind.dataset.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions, from the loosest binding operator to the tightest as Jinja's parser does. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** {@code a if b else c} and all that binds tighter. */
  Expr parse() {
    tokens.enter();
    Expr value = or();
    while (tokens.atWord("if")) {
      Place at = tokens.take().at();
      Expr condition = or();
      Expr otherwise = tokens.takeWord("else") ? parse() : null;
      value = new Expr.Choice(at, condition, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  /** An expression in which {@code if} begins something else, as after {@code for x in}. */
  Expr parseWithoutChoice() {
    Expr first = or();
    return tokens.atOperator(",") ? rest(first) : first;
  }

  /** An expression or several with commas between them, which make a list. */
  Expr parseTuple() {
    Expr first = parse();
    return tokens.atOperator(",") ? rest(first) : first;
  }

  private Expr rest(Expr first) {
    List<Expr> items = new ArrayList<>(List.of(first));
    while (tokens.takeOperator(",") && startsExpression()) {
      items.add(parse());
    }
    return new Expr.ListOf(first.at(), items, true);
  }

  private boolean startsExpression() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME, STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> "([{-+".contains(token.text());
      default -> false;
    };
  }

  private Expr or() {
    Expr left = and();
    while (tokens.atWord("or")) {
      left = new Expr.Binary(tokens.take().at(), "or", left, and());
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (tokens.atWord("and")) {
      left = new Expr.Binary(tokens.take().at(), "and", left, not());
    }
    return left;
  }

  private Expr not() {
    if (!tokens.atWord("not")) {
      return comparison();
    }
    Place at = tokens.take().at();
    tokens.enter();
    Expr operand = not();
    tokens.leave();
    return new Expr.Unary(at, "not", operand);
  }

  private Expr comparison() {
    Expr first = sum();
    List<String> operators = new ArrayList<>();
    List<Expr> rest = new ArrayList<>();
    for (String operator = comparator(); operator != null; operator = comparator()) {
      operators.add(operator);
      rest.add(sum());
    }
    return operators.isEmpty() ? first : new Expr.Compared(first.at(), first, operators, rest);
  }

  private String comparator() {
    Token token = tokens.peek();
    if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
      return tokens.take().text();
    }
    if (tokens.takeWord("in")) {
      return "in";
    }
    if (tokens.takeWord("not")) {
      tokens.needWord("in");
      return "not in";
    }
    return null;
  }

  private Expr sum() {
    Expr left = joined();
    while (tokens.atOperator("+") || tokens.atOperator("-")) {
      Token operator = tokens.take();
      left = new Expr.Binary(operator.at(), operator.text(), left, joined());
    }
    return left;
  }

  private Expr joined() {
    Expr left = product();
    while (tokens.atOperator("~")) {
      left = new Expr.Binary(tokens.take().at(), "~", left, product());
    }
    return left;
  }

  private Expr product() {
    Expr left = unary(true);
    while (tokens.peek().kind() == Token.Kind.OPERATOR
        && Set.of("*", "/", "//", "%").contains(tokens.peek().text())) {
      Token operator = tokens.take();
      left = new Expr.Binary(operator.at(), operator.text(), left, unary(true));
    }
    return left;
  }

  private Expr unary(boolean withFilters) {
    Expr value;
    if (tokens.atOperator("-") || tokens.atOperator("+")) {
      Token operator = tokens.take();
      tokens.enter();
      value = new Expr.Unary(operator.at(), operator.text(), unary(false));
      tokens.leave();
    } else {
      value = postfix(primary());
      while (tokens.atOperator("**")) {
        Place at = tokens.take().at();
        value = new Expr.Binary(at, "**", value, postfix(primary()));
      }
    }
    return withFilters ? filters(value) : value;
  }

  private Expr primary() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> name(tokens.take());
      case STRING -> string();
      case INTEGER -> new Expr.Literal(token.at(), integer(tokens.take()));
      case FLOAT ->
          new Expr.Literal(token.at(), Double.parseDouble(tokens.take().text().replace("_", "")));
      case OPERATOR -> bracketed(token);
      default -> throw tokens.unexpected("an expression");
    };
  }

  private static Expr name(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Expr.Literal(token.at(), true);
      case "false", "False" -> new Expr.Literal(token.at(), false);
      case "none", "None" -> new Expr.Literal(token.at(), null);
      default -> new Expr.Name(token.at(), token.text());
    };
  }

  private Expr string() {
    Place at = tokens.peek().at();
    StringBuilder value = new StringBuilder();
    while (tokens.peek().kind() == Token.Kind.STRING) {
      value.append(tokens.take().text());
    }
    return new Expr.Literal(at, Text.of(value.toString()));
  }

  private static Object integer(Token token) {
    return Operators.whole(new BigInteger(token.text().replace("_", "")));
  }

  private Expr bracketed(Token open) {
    return switch (open.text()) {
      case "(" -> {
        tokens.take();
        Expr inner =
            tokens.atOperator(")") ? new Expr.ListOf(open.at(), List.of(), true) : parseTuple();
        tokens.needOperator(")");
        yield inner;
      }
      case "[" -> {
        tokens.take();
        yield new Expr.ListOf(open.at(), items("]"), false);
      }
      case "{" -> dict(tokens.take().at());
      default -> throw tokens.unexpected("an expression");
    };
  }

  private List<Expr> items(String close) {
    List<Expr> items = new ArrayList<>();
    while (!tokens.takeOperator(close)) {
      items.add(parse());
      if (!tokens.atOperator(close)) {
        tokens.needOperator(",");
      }
    }
    return items;
  }

  private Expr dict(Place at) {
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!tokens.takeOperator("}")) {
      keys.add(parse());
      tokens.needOperator(":");
      values.add(parse());
      if (!tokens.atOperator("}")) {
        tokens.needOperator(",");
      }
    }
    return new Expr.DictOf(at, keys, values);
  }

  private Expr postfix(Expr base) {
    Expr value = base;
    while (true) {
      Place at = tokens.peek().at();
      if (tokens.takeOperator(".")) {
        Token name = tokens.take();
        value =
            switch (name.kind()) {
              case NAME -> new Expr.Attribute(at, value, Text.of(name.text()));
              case INTEGER -> new Expr.Item(at, value, new Expr.Literal(at, integer(name)));
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
    Expr from = tokens.atOperator(":") ? null : parse();
    if (tokens.takeOperator("]")) {
      return new Expr.Item(at, of, from);
    }
    tokens.needOperator(":");
    Expr to = tokens.atOperator(":") || tokens.atOperator("]") ? null : parse();
    Expr step = tokens.takeOperator(":") && !tokens.atOperator("]") ? parse() : null;
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
      Expr value = parse();
      if (value instanceof Expr.Name name && tokens.takeOperator("=")) {
        named.put(name.name(), parse());
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

  private Expr filters(Expr base) {
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
      arguments = new Expr.Arguments(List.of(postfix(primary())), Map.of());
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
