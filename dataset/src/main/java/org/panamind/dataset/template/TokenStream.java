package org.panamind.dataset.template;

import java.util.List;

/** The tokens of a template with a place among them. */
final class TokenStream {
  /** Brackets, statements and operators within each other; deeper ones would exhaust the stack. */
  private static final int DEEPEST = 200;

  private final List<Token> tokens;
  private int next;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  Token take() {
    Token token = tokens.get(next);
    next += token.kind() == Token.Kind.END ? 0 : 1;
    return token;
  }

  boolean at(Token.Kind kind, String text) {
    return peek().is(kind, text);
  }

  boolean atOperator(String text) {
    return at(Token.Kind.OPERATOR, text);
  }

  boolean atWord(String text) {
    return at(Token.Kind.NAME, text);
  }

  boolean takeOperator(String text) {
    boolean here = atOperator(text);
    next += here ? 1 : 0;
    return here;
  }

  boolean takeWord(String text) {
    boolean here = atWord(text);
    next += here ? 1 : 0;
    return here;
  }

  /** Whether the statement that begins here starts with this word. */
  boolean atStatement(String word) {
    return peek().kind() == Token.Kind.BLOCK_BEGIN
        && tokens.get(next + 1).is(Token.Kind.NAME, word);
  }

  void needOperator(String text) {
    if (!takeOperator(text)) {
      throw unexpected('"' + text + '"');
    }
  }

  void needWord(String text) {
    if (!takeWord(text)) {
      throw unexpected('"' + text + '"');
    }
  }

  Token need(Token.Kind kind, String what) {
    if (peek().kind() != kind) {
      throw unexpected(what);
    }
    return take();
  }

  String needName() {
    return need(Token.Kind.NAME, "a name").text();
  }

  void endStatement() {
    need(Token.Kind.BLOCK_END, "\"%}\"");
  }

  /** Goes one level deeper; {@link #leave} comes back. */
  void enter() {
    if (++depth > DEEPEST) {
      throw peek().at().error("is nested more than " + DEEPEST + " levels deep");
    }
  }

  void leave() {
    depth--;
  }

  RuntimeException unexpected(String wanted) {
    return peek().at().error(wanted + " is expected here, this is " + peek().describe());
  }
}
