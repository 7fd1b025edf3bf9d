package org.panamind.stage.config;

/** The kinds of values that an option can take; {@link #hint} is what the help shows. */
public enum OptionKind {
  /** A whole number of 32 bits. */
  INT("INT"),
  /** A whole number of 64 bits. */
  LONG("INT"),
  /** A finite decimal number of 64 bits. */
  DOUBLE("NUMBER"),
  /** {@code 1}/{@code 0}, {@code true}/{@code false}, or the bare flag for true. */
  BOOLEAN("[0|1]"),
  /** Any text. */
  TEXT("TEXT"),
  /** A path of a file or folder. */
  PATH("PATH"),
  /** One of an enum's constants in lower case. */
  CHOICE("CHOICE"),
  /** Texts with commas between them; an array in JSON. */
  LIST("A,B,…");

  private final String hint;

  OptionKind(String hint) {
    this.hint = hint;
  }

  /** The placeholder of the value in the help. */
  public String hint() {
    return hint;
  }
}
