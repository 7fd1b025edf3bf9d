package org.panamind.host.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Numbers to places on paper.
 *
 * @param least number at {@code from}
 * @param greatest number at {@code to}
 * @param from pixels
 * @param to pixels
 */
record Axis(double least, double greatest, double from, double to) {
  private static final int TICKS = 5;

  /** An axis that reaches a little beyond numbers that are all alike. */
  static Axis of(double least, double greatest, double from, double to) {
    if (greatest > least) return new Axis(least, greatest, from, to);
    double room = least == 0 ? 1 : Math.abs(least) * 0.1;
    return new Axis(least - room, least + room, from, to);
  }

  double at(double number) {
    return from + (number - least) / (greatest - least) * (to - from);
  }

  /** About five round numbers: steps of 1, 2 or 5 times a power of ten. */
  List<Double> ticks() {
    double rough = (greatest - least) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double share = rough / power;
    double step = power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
    var ticks = new ArrayList<Double>();
    for (long i = (long) Math.ceil(least / step - 1e-9); i * step <= greatest + step * 1e-9; i++)
      ticks.add(i * step);
    return ticks;
  }

  /** A tick in as few digits as it has. */
  static String label(double tick) {
    String text = String.format(Locale.ROOT, "%.6g", tick);
    return text.contains("e") ? text : text.replaceFirst("0+$", "").replaceFirst("\\.$", "");
  }
}
