package org.panamind.reward.internlm2;

import java.util.Arrays;
import java.util.Map;

/** A reward model as its paper and its published code describe it, in loops over doubles. */
record PlainInternLm2(
    Map<String, float[]> weights,
    int width,
    int layers,
    int heads,
    int kvHeads,
    double theta,
    double eps) {
  /** The head's number at the last of these tokens. */
  double score(int[] ids) {
    var x = new double[ids.length][];
    for (int t = 0; t < ids.length; t++) x[t] = row("model.tok_embeddings.weight", ids[t]);
    for (int layer = 0; layer < layers; layer++) {
      String name = "model.layers." + layer + ".";
      x = added(x, attention(name + "attention.", normed(x, name + "attention_norm.weight")));
      x = added(x, feedForward(name + "feed_forward.", normed(x, name + "ffn_norm.weight")));
    }
    return product("v_head.weight", normed(x, "model.norm.weight")[ids.length - 1])[0];
  }

  private double[][] attention(String name, double[][] x) {
    int d = width / heads;
    int sharing = heads / kvHeads;
    var fused = new double[x.length][];
    for (int t = 0; t < x.length; t++) fused[t] = product(name + "wqkv.weight", x[t]);
    var out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      var mixed = new double[width];
      for (int h = 0; h < heads; h++) {
        int group = h / sharing * (sharing + 2) * d;
        double[] q = rotated(slice(fused[t], group + h % sharing * d, d), t);
        var weight = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double[] k = rotated(slice(fused[s], group + sharing * d, d), s);
          for (int i = 0; i < d; i++) weight[s] += q[i] * k[i] / Math.sqrt(d);
          sum += weight[s] = Math.exp(weight[s]);
        }
        for (int s = 0; s <= t; s++)
          for (int i = 0; i < d; i++)
            mixed[h * d + i] += weight[s] / sum * fused[s][group + (sharing + 1) * d + i];
      }
      out[t] = product(name + "wo.weight", mixed);
    }
    return out;
  }

  private double[][] feedForward(String name, double[][] x) {
    var out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] gate = product(name + "w1.weight", x[t]);
      double[] up = product(name + "w3.weight", x[t]);
      for (int i = 0; i < up.length; i++) up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
      out[t] = product(name + "w2.weight", up);
    }
    return out;
  }

  /** Turns the pairs (i, i + D/2). */
  private double[] rotated(double[] head, int position) {
    int half = head.length / 2;
    var out = new double[head.length];
    for (int i = 0; i < half; i++) {
      double angle = position / Math.pow(theta, 2.0 * i / head.length);
      out[i] = head[i] * Math.cos(angle) - head[i + half] * Math.sin(angle);
      out[i + half] = head[i + half] * Math.cos(angle) + head[i] * Math.sin(angle);
    }
    return out;
  }

  private double[][] normed(double[][] x, String name) {
    var out = new double[x.length][width];
    for (int t = 0; t < x.length; t++) {
      double square = Arrays.stream(x[t]).map(v -> v * v).sum() / width;
      for (int i = 0; i < width; i++)
        out[t][i] = x[t][i] / Math.sqrt(square + eps) * weights.get(name)[i];
    }
    return out;
  }

  private static double[][] added(double[][] a, double[][] b) {
    for (int t = 0; t < a.length; t++) for (int i = 0; i < a[t].length; i++) a[t][i] += b[t][i];
    return a;
  }

  /** Matrix [out, in] times vector. */
  private double[] product(String name, double[] x) {
    float[] matrix = weights.get(name);
    var out = new double[matrix.length / x.length];
    for (int r = 0; r < out.length; r++)
      for (int c = 0; c < x.length; c++) out[r] += (double) matrix[r * x.length + c] * x[c];
    return out;
  }

  private double[] row(String name, int id) {
    var row = new double[width];
    for (int i = 0; i < width; i++) row[i] = weights.get(name)[id * width + i];
    return row;
  }

  private static double[] slice(double[] values, int from, int count) {
    return Arrays.copyOfRange(values, from, from + count);
  }
}
