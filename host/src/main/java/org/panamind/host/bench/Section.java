package org.panamind.host.bench;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.panamind.stage.config.Bounds;

/** A part of {@code host bench}. */
enum Section {
  CALLS,
  TRAIN,
  DECODE,
  ROLLOUT,
  MEMORY,
  REDUCTION;

  static final List<String> NAMES = Arrays.stream(values()).map(Section::word).toList();

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Parts by name; an unknown one is a user's mistake. */
  static Set<Section> of(List<String> names) {
    var chosen = EnumSet.noneOf(Section.class);
    for (String name : names) {
      int place = NAMES.indexOf(name);
      Bounds.require(place >= 0, "sections", name, "must be some of " + String.join(",", NAMES));
      chosen.add(values()[place]);
    }
    return chosen;
  }
}
