package org.panamind.stage.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a user probably meant: the nearest known word by edit distance. */
public final class Nearest {
  private Nearest() {}

  /**
   * The known word that the typed one most likely stands for.
   *
   * @param typed what the user wrote
   * @param known what would have been right
   * @return empty when nothing is near: more than a third of the letters would have to change
   */
  public static Optional<String> to(String typed, Collection<String> known) {
    int limit = Math.max(2, typed.length() / 3);
    return known.stream()
        .filter(word -> distance(typed, word) <= limit)
        .min(
            Comparator.<String>comparingInt(word -> distance(typed, word))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * The end of a message about an unknown word.
   *
   * @param typed what the user wrote
   * @param known what would have been right
   * @param prefix put before the suggestion, for example {@code --}
   * @return {@code "; did you mean --batch_size?"}, or nothing when nothing is near
   */
  public static String suggestion(String typed, Collection<String> known, String prefix) {
    return to(typed, known).map(word -> "; did you mean " + prefix + word + "?").orElse("");
  }

  /** Insertions, deletions, replacements and swaps of neighbours (Damerau 1964). */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
