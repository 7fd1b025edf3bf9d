package org.panamind.host.plot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.panamind.dataset.DataException;

/**
 * One column of one log.
 *
 * @param name of the run, the log's folder
 * @param steps of the rows that have the column, rising
 * @param values of these rows
 */
record Curve(String name, double[] steps, double[] values) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STEP = "step";

  /**
   * Reads the rows that have a number in the column.
   *
   * @throws DataException if no row has, naming the columns that there are
   */
  static Curve read(Path log, String column) throws IOException {
    var points = new ArrayList<double[]>();
    var columns = new TreeSet<String>();
    int number = 0;
    for (String line : Files.readAllLines(log)) {
      JsonNode row = row(log, ++number, line);
      row.fieldNames().forEachRemaining(columns::add);
      if (row.path(STEP).isNumber() && row.path(column).isNumber())
        points.add(new double[] {row.get(STEP).asDouble(), row.get(column).asDouble()});
    }
    if (points.isEmpty())
      throw new DataException(
          "%s: no row has a number \"%s\"; there are %s"
              .formatted(log, column, String.join(", ", columns)));
    Path folder = log.toAbsolutePath().getParent();
    return new Curve(
        String.valueOf(folder.getFileName()),
        points.stream().mapToDouble(point -> point[0]).toArray(),
        points.stream().mapToDouble(point -> point[1]).toArray());
  }

  private static JsonNode row(Path log, int number, String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new DataException("%s:%d: no JSON; is this a metrics.jsonl?".formatted(log, number), e);
    }
  }

  /** Each value as the mean of itself and those before it, as many as there are up to a count. */
  Curve smooth(int rows) {
    var means = new double[values.length];
    for (int i = 0; i < means.length; i++)
      means[i] = Arrays.stream(values, Math.max(0, i - rows + 1), i + 1).average().orElseThrow();
    return new Curve(name, steps, means);
  }

  /** Least and greatest of both axes. */
  static double[] bounds(List<Curve> curves) {
    double[] x = curves.stream().flatMapToDouble(c -> Arrays.stream(c.steps)).toArray();
    double[] y = curves.stream().flatMapToDouble(c -> Arrays.stream(c.values)).toArray();
    return new double[] {
      Arrays.stream(x).min().orElse(0),
      Arrays.stream(x).max().orElse(1),
      Arrays.stream(y).filter(Double::isFinite).min().orElse(0),
      Arrays.stream(y).filter(Double::isFinite).max().orElse(1)
    };
  }
}
