package org.panamind.dataset.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses expressions, from the loosest binding operator to the tightest as Jinja's parser does. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final SuffixParser suffixes;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.suffixes = new SuffixParser(tokens, this);
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
      value = suffixes.after(primary());
      while (tokens.atOperator("**")) {
        Place at = tokens.take().at();
        value = new Expr.Binary(at, "**", value, suffixes.after(primary()));
      }
    }
    return withFilters ? suffixes.filtersAfter(value) : value;
  }

  /** A constant, a name, a list, a dict or something in brackets. */
  Expr primary() {
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

  static Object integer(Token token) {
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
}
