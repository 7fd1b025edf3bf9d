package org.panamind.host.plot;

import java.util.List;
import java.util.Locale;

/**
 * Frames one below the other, with the same runs in the same colours.
 *
 * @param frames at least one
 */
record Chart(List<Frame> frames) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 240;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 28;
  private static final int BOTTOM = 32;
  private static final int LEGEND = 18;

  /** Okabe and Ito's, told apart by colour-blind readers too. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

  /**
   * One column of all runs.
   *
   * @param title the column's name
   * @param curves of the runs
   */
  record Frame(String title, List<Curve> curves) {}

  String svg() {
    var names = frames.getFirst().curves().stream().map(Curve::name).toList();
    int height = frames.size() * HEIGHT + LEGEND * names.size() + 8;
    var svg = new StringBuilder();
    svg.append(
        text(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH, height));
    svg.append(text("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", WIDTH, height));
    for (int i = 0; i < frames.size(); i++) draw(frames.get(i), i * HEIGHT, svg);
    for (int i = 0; i < names.size(); i++) {
      int y = frames.size() * HEIGHT + LEGEND * i + 4;
      svg.append(
          text(
              "<rect x=\"%d\" y=\"%d\" width=\"16\" height=\"4\" fill=\"%s\"/>%n",
              LEFT, y + 4, colour(i)));
      svg.append(
          text("<text x=\"%d\" y=\"%d\">%s</text>%n", LEFT + 24, y + 10, escaped(names.get(i))));
    }
    return svg.append("</svg>\n").toString();
  }

  private static void draw(Frame frame, int top, StringBuilder svg) {
    double[] bounds = Curve.bounds(frame.curves());
    var x = Axis.of(bounds[0], bounds[1], LEFT, WIDTH - RIGHT);
    var y = Axis.of(bounds[2], bounds[3], top + HEIGHT - BOTTOM, top + TOP);
    svg.append(
        text(
            "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>%n",
            LEFT, top + 18, escaped(frame.title())));
    for (double tick : y.ticks()) {
      double at = y.at(tick);
      svg.append(text("<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>%n", LEFT, at, WIDTH - RIGHT));
      svg.append(
          text(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
              LEFT - 6, at + 4, Axis.label(tick)));
    }
    for (double tick : x.ticks())
      svg.append(
          text(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              x.at(tick), top + HEIGHT - 12, Axis.label(tick)));
    for (int i = 0; i < frame.curves().size(); i++) {
      svg.append(
          text("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"", colour(i)));
      var curve = frame.curves().get(i);
      for (int p = 0; p < curve.steps().length; p++)
        if (Double.isFinite(curve.values()[p]))
          svg.append(text("%.1f,%.1f ", x.at(curve.steps()[p]), y.at(curve.values()[p])));
      svg.append(text("\"/>%n"));
    }
  }

  private static String colour(int curve) {
    return COLOURS.get(curve % COLOURS.size());
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
