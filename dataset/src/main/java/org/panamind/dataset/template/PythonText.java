package org.panamind.dataset.template;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Values as Python's {@code str} and {@code repr} write them. */
final class PythonText {
  /** Python writes exponents from here on. */
  private static final int LARGEST_PLAIN_EXPONENT = 16;

  private PythonText() {}

  static Text str(Object value) {
    return switch (value) {
      case Text text -> text;
      case Undefined none -> Text.EMPTY;
      case null, default -> repr(value);
    };
  }

  static Text repr(Object value) {
    TextBuilder out = new TextBuilder();
    write(value, out);
    return out.build();
  }

  private static void write(Object value, TextBuilder out) {
    switch (value) {
      case null -> out.append("None");
      case Boolean b -> out.append(b ? "True" : "False");
      case Double d -> out.append(real(d));
      case Number number -> out.append(number.toString());
      case Undefined none -> out.append("Undefined");
      case Text text -> quoted(text, out);
      case List<?> list -> {
        boolean tuple = list instanceof Tuple;
        out.append(tuple ? "(" : "[");
        for (int i = 0; i < list.size(); i++) {
          out.append(i == 0 ? "" : ", ");
          write(list.get(i), out);
        }
        out.append(tuple ? list.size() == 1 ? ",)" : ")" : "]");
      }
      case Map<?, ?> map -> {
        out.append("{");
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
          Map.Entry<?, ?> entry = entries.next();
          write(entry.getKey(), out);
          out.append(": ");
          write(entry.getValue(), out);
          out.append(entries.hasNext() ? ", " : "");
        }
        out.append("}");
      }
      default -> throw new Fault("a function cannot be printed");
    }
  }

  private static void quoted(Text text, TextBuilder out) {
    String chars = text.toString();
    char quote = chars.indexOf('\'') >= 0 && chars.indexOf('"') < 0 ? '"' : '\'';
    out.append(String.valueOf(quote));
    for (int i = 0; i < chars.length(); i++) {
      char c = chars.charAt(i);
      String form =
          switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default -> {
              if (c == quote) {
                yield "\\" + c;
              }
              yield c < ' ' || (c >= 0x7F && c <= 0xA0) || c == 0xAD
                  ? "\\x%02x".formatted((int) c)
                  : String.valueOf(c);
            }
          };
      out.append(form, text.sourceAt(i));
    }
    out.append(String.valueOf(quote));
  }

  /** The shortest digits that read back as the same number, laid out as Python lays them out. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    String digits = shortest.unscaledValue().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    String sign = value < 0 ? "-" : "";
    if (exponent >= -4 && exponent < LARGEST_PLAIN_EXPONENT) {
      String plain = shortest.toPlainString();
      return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return "%s%s%se%s%02d"
        .formatted(
            sign, digits.substring(0, 1), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** Python's idea of white space, which is not Java's. */
  static boolean isSpace(char c) {
    return (c >= '\t' && c <= '\r')
        || (c >= 0x1C && c <= ' ')
        || c == 0x85
        || c == 0xA0
        || (c > 0xA0 && Character.isSpaceChar(c));
  }
}
