package org.panamind.dataset.template;

import java.util.List;

/** The variable {@code loop}. */
final class Loop {
  private final List<?> items;
  private int index;

  Loop(List<?> items) {
    this.items = items;
  }

  void moveTo(int newIndex) {
    index = newIndex;
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> (long) index + 1;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> (long) items.size() - index - 1;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      // Only recursive loops, which are not supported, are ever deeper.
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("\"previtem\"");
      case "nextitem" ->
          index + 1 < items.size() ? items.get(index + 1) : new Undefined("\"nextitem\"");
      case "cycle" -> (Callable) this::cycle;
      default -> throw new Fault("\"loop." + name + "\" is not supported");
    };
  }

  private Object cycle(Given given) {
    if (given.positional().isEmpty()) {
      throw new Fault("loop.cycle needs something to go through");
    }
    return given.positional().get(index % given.positional().size());
  }
}
