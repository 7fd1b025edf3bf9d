package org.panamind.dataset.template;

/**
 * One token of a template.
 *
 * @param text its characters; of a string literal what it means
 */
record Token(Kind kind, String text, Place at) {
  enum Kind {
    /** Text to be copied. */
    DATA,
    /** The beginning of a statement. */
    BLOCK_BEGIN,
    /** The end of a statement. */
    BLOCK_END,
    /** The beginning of an expression to be printed. */
    PRINT_BEGIN,
    /** The end of an expression to be printed. */
    PRINT_END,
    /** A word. */
    NAME,
    /** A quoted string. */
    STRING,
    /** A whole number. */
    INTEGER,
    /** A number with a point or an exponent. */
    FLOAT,
    /** An operator or a bracket. */
    OPERATOR,
    /** After the last token. */
    END
  }

  boolean is(Kind wanted, String words) {
    return kind == wanted && text.equals(words);
  }

  String describe() {
    return switch (kind) {
      case END -> "the template's end";
      case BLOCK_END -> "\"%}\"";
      case PRINT_END -> "\"}}\"";
      default -> '"' + text + '"';
    };
  }
}
