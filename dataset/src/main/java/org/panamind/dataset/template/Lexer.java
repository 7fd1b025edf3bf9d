package org.panamind.dataset.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with Jinja's white space rules as transformers sets them: {@code
 * trim_blocks} (a newline behind a statement or comment goes), {@code lstrip_blocks} (so does the
 * indentation before one), {@code -} and {@code +} at a tag's edges, and no newline at the end.
 */
final class Lexer {
  private static final Pattern OPENING = Pattern.compile("\\{[%{#]");
  private static final Pattern NUMBER =
      Pattern.compile("\\d+(_\\d+)*((\\.\\d+)([eE][+-]?\\d+)?|[eE][+-]?\\d+)?");
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern OPERATOR =
      Pattern.compile("//|\\*\\*|==|!=|<=|>=|[-+*/%~<>=.:,|()\\[\\]{}]");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int lineStart;
  private int line = 1;
  private int placed;
  private boolean trimLeft;
  private boolean trimNewline;

  private Lexer(String source) {
    String lines = source.replace("\r\n", "\n").replace('\r', '\n');
    this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
  }

  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    Matcher opening = OPENING.matcher(source);
    while (opening.find(at)) {
      int tag = opening.start();
      char kind = source.charAt(tag + 1);
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      data(at, tag, kind != '{', sign);
      at = tag + 2 + (sign == '-' || sign == '+' ? 1 : 0);
      if (kind == '#') {
        comment(tag);
      } else {
        tag(tag, kind == '%');
      }
    }
    data(at, source.length(), false, ' ');
    tokens.add(new Token(Token.Kind.END, "", placeOf(source.length())));
  }

  private void data(int from, int to, boolean statement, char sign) {
    int start = from;
    int end = to;
    if (trimLeft) {
      while (start < end && Character.isWhitespace(source.charAt(start))) {
        start++;
      }
    } else if (trimNewline && start < end && source.charAt(start) == '\n') {
      start++;
    }
    if (sign == '-') {
      while (end > start && Character.isWhitespace(source.charAt(end - 1))) {
        end--;
      }
    } else if (statement && sign != '+') {
      end = withoutIndentation(start, end);
    }
    trimLeft = false;
    trimNewline = false;
    if (end > start) {
      tokens.add(new Token(Token.Kind.DATA, source.substring(start, end), placeOf(start)));
    }
  }

  private int withoutIndentation(int start, int end) {
    int i = end;
    while (i > start && source.charAt(i - 1) != '\n') {
      if (!Character.isWhitespace(source.charAt(i - 1))) {
        return end;
      }
      i--;
    }
    // Only a whole line's beginning is indentation; a tag before it on the line is not nothing.
    return i == 0 || source.charAt(i - 1) == '\n' ? i : end;
  }

  private void comment(int tag) {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw placeOf(tag).error("the comment does not end: \"#}\" is missing");
    }
    trimLeft = end > at && source.charAt(end - 1) == '-';
    trimNewline = end == at || source.charAt(end - 1) != '+';
    at = end + 2;
  }

  private void tag(int start, boolean statement) {
    Token.Kind begin = statement ? Token.Kind.BLOCK_BEGIN : Token.Kind.PRINT_BEGIN;
    tokens.add(new Token(begin, statement ? "{%" : "{{", placeOf(start)));
    String close = statement ? "%}" : "}}";
    int depth = 0;
    while (true) {
      while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
        at++;
      }
      if (at >= source.length()) {
        throw placeOf(start).error("the tag does not end: \"" + close + "\" is missing");
      }
      if (depth == 0 && closes(close, statement)) {
        return;
      }
      Token token = token();
      tokens.add(token);
      if (token.kind() == Token.Kind.OPERATOR) {
        depth += "([{".contains(token.text()) ? 1 : ")]}".contains(token.text()) ? -1 : 0;
      }
    }
  }

  private boolean closes(String close, boolean statement) {
    char sign = source.charAt(at);
    boolean signed =
        (sign == '-' || (sign == '+' && statement)) && source.startsWith(close, at + 1);
    if (!signed && !source.startsWith(close, at)) {
      return false;
    }
    Token.Kind kind = statement ? Token.Kind.BLOCK_END : Token.Kind.PRINT_END;
    tokens.add(new Token(kind, close, placeOf(at)));
    at += close.length() + (signed ? 1 : 0);
    trimLeft = signed && sign == '-';
    trimNewline = statement && !signed;
    return true;
  }

  private Token token() {
    char c = source.charAt(at);
    if (c == '"' || c == '\'') {
      return string(c);
    }
    Token number = match(NUMBER, Token.Kind.INTEGER);
    if (number != null) {
      boolean whole = number.text().chars().allMatch(d -> d == '_' || Character.isDigit(d));
      return whole ? number : new Token(Token.Kind.FLOAT, number.text(), number.at());
    }
    Token name = match(NAME, Token.Kind.NAME);
    Token token = name != null ? name : match(OPERATOR, Token.Kind.OPERATOR);
    if (token == null) {
      throw placeOf(at).error("unexpected character \"" + c + '"');
    }
    return token;
  }

  private Token match(Pattern pattern, Token.Kind kind) {
    Matcher matcher = pattern.matcher(source).region(at, source.length());
    if (!matcher.lookingAt()) {
      return null;
    }
    Place place = placeOf(at);
    at = matcher.end();
    return new Token(kind, matcher.group(), place);
  }

  private Token string(char quote) {
    Place place = placeOf(at);
    StringBuilder value = new StringBuilder();
    for (int i = at + 1; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == quote) {
        at = i + 1;
        return new Token(Token.Kind.STRING, value.toString(), place);
      }
      if (c == '\\' && i + 1 < source.length()) {
        i = escape(i + 1, value);
      } else {
        value.append(c);
      }
    }
    throw place.error("the string does not end: " + quote + " is missing");
  }

  /** Python's escapes of string literals; the last position taken is returned. */
  private int escape(int i, StringBuilder value) {
    char c = source.charAt(i);
    int simple = "nrtbfav0\\'\"".indexOf(c);
    if (simple >= 0) {
      value.append("\n\r\t\b\f\u0007\u000b\0\\'\"".charAt(simple));
      return i;
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0 && i + digits < source.length()) {
      try {
        value.appendCodePoint(Integer.parseInt(source.substring(i + 1, i + 1 + digits), 16));
        return i + digits;
      } catch (IllegalArgumentException e) {
        throw placeOf(i).error("\"\\" + c + "\" needs " + digits + " hexadecimal digits");
      }
    }
    if (c != '\n') {
      value.append('\\').append(c);
    }
    return i;
  }

  /** Positions are asked for in ascending order but for an error's, so lines are counted once. */
  private Place placeOf(int offset) {
    if (offset < placed) {
      placed = 0;
      line = 1;
      lineStart = 0;
    }
    for (; placed < offset; placed++) {
      if (source.charAt(placed) == '\n') {
        line++;
        lineStart = placed + 1;
      }
    }
    return new Place(line, offset - lineStart + 1);
  }
}
