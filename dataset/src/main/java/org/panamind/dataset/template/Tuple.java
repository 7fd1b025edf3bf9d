package org.panamind.dataset.template;

import java.util.AbstractList;
import java.util.List;

/** A list that prints as Python's tuples do. */
final class Tuple extends AbstractList<Object> {
  private final List<?> items;

  Tuple(List<?> items) {
    this.items = items;
  }

  @Override
  public Object get(int index) {
    return items.get(index);
  }

  @Override
  public int size() {
    return items.size();
  }
}
