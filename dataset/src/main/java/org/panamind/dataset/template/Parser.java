package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses statements. */
final class Parser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops;

  private Parser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Node> parse(String source) {
    Parser parser = new Parser(new TokenStream(Lexer.tokens(source)));
    return parser.body(Set.of());
  }

  /** Statements up to one that starts with a word of {@code ends}, or up to the template's end. */
  private List<Node> body(Set<String> ends) {
    tokens.enter();
    Place began = tokens.peek().at();
    List<Node> nodes = new ArrayList<>();
    while (tokens.peek().kind() != Token.Kind.END) {
      if (ends.stream().anyMatch(tokens::atStatement)) {
        tokens.leave();
        return nodes;
      }
      nodes.add(node());
    }
    if (!ends.isEmpty()) {
      throw began.error("the block that begins here does not end: " + String.join(" or ", ends));
    }
    return nodes;
  }

  private Node node() {
    Token token = tokens.take();
    return switch (token.kind()) {
      case DATA -> new Node.Data(token.at(), Text.of(token.text()));
      case PRINT_BEGIN -> {
        Expr value = expressions.parseTuple();
        tokens.need(Token.Kind.PRINT_END, "\"}}\"");
        yield new Node.Print(token.at(), value);
      }
      case BLOCK_BEGIN -> statement(token.at());
      default -> throw token.at().error("unexpected " + token.describe());
    };
  }

  private Node statement(Place at) {
    String word = tokens.needName();
    return switch (word) {
      case "if" -> condition(at);
      case "for" -> loop(at);
      case "set" -> set(at);
      case "macro" -> macro(at);
      case "generation" -> {
        tokens.endStatement();
        yield new Node.Group(at, bodyTo("endgeneration"));
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw at.error("\"" + word + "\" stands outside a loop");
        }
        tokens.endStatement();
        yield new Node.Jump(at, word.equals("break"));
      }
      default ->
          throw at.error(
              "the statement \"%s\" is not supported; supported are if, for, set, macro, break, continue and generation"
                  .formatted(word));
    };
  }

  private List<Node> bodyTo(String end) {
    List<Node> body = body(Set.of(end));
    endBlock();
    return body;
  }

  private void endBlock() {
    tokens.take();
    tokens.take();
    tokens.endStatement();
  }

  private Node condition(Place at) {
    Expr condition = expressions.parse();
    tokens.endStatement();
    List<Node> then = body(Set.of("elif", "else", "endif"));
    List<Node> otherwise = List.of();
    if (tokens.atStatement("elif")) {
      Place place = tokens.take().at();
      tokens.take();
      tokens.enter();
      otherwise = List.of(condition(place));
      tokens.leave();
    } else if (tokens.atStatement("else")) {
      endBlock();
      otherwise = bodyTo("endif");
    } else {
      endBlock();
    }
    return new Node.If(at, condition, then, otherwise);
  }

  private Node loop(Place at) {
    List<String> targets = targets();
    tokens.needWord("in");
    Expr items = expressions.parseWithoutChoice();
    Expr condition = tokens.takeWord("if") ? expressions.parse() : null;
    if (tokens.atWord("recursive")) {
      throw tokens.peek().at().error("recursive loops are not supported");
    }
    tokens.endStatement();
    loops++;
    List<Node> body = body(Set.of("else", "endfor"));
    loops--;
    boolean hasElse = tokens.atStatement("else");
    endBlock();
    List<Node> otherwise = hasElse ? bodyTo("endfor") : List.of();
    return new Node.For(at, targets, items, condition, body, otherwise);
  }

  private List<String> targets() {
    boolean bracketed = tokens.takeOperator("(");
    List<String> names = new ArrayList<>(List.of(tokens.needName()));
    while (tokens.takeOperator(",")) {
      names.add(tokens.needName());
    }
    if (bracketed) {
      tokens.needOperator(")");
    }
    return names;
  }

  private Node set(Place at) {
    List<String> targets = targets();
    if (targets.size() == 1 && tokens.takeOperator(".")) {
      Text name = Text.of(tokens.needName());
      tokens.needOperator("=");
      Expr value = expressions.parseTuple();
      tokens.endStatement();
      return new Node.SetAttribute(at, targets.getFirst(), name, value);
    }
    if (targets.size() == 1 && tokens.peek().kind() == Token.Kind.BLOCK_END) {
      tokens.endStatement();
      return new Node.SetBlock(at, targets.getFirst(), bodyTo("endset"));
    }
    tokens.needOperator("=");
    Expr value = expressions.parseTuple();
    tokens.endStatement();
    return new Node.Set(at, targets, value);
  }

  private Node macro(Place at) {
    String name = tokens.needName();
    tokens.needOperator("(");
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    while (!tokens.takeOperator(")")) {
      parameters.add(tokens.needName());
      defaults.add(tokens.takeOperator("=") ? expressions.parse() : null);
      if (!tokens.atOperator(")")) {
        tokens.needOperator(",");
      }
    }
    tokens.endStatement();
    int outer = loops;
    loops = 0;
    List<Node> body = bodyTo("endmacro");
    loops = outer;
    return new Node.Macro(at, name, parameters, defaults, body);
  }
}
