package org.panamind.dataset.template;

import org.panamind.dataset.DataException;

/** A place in a template's source, both numbers from 1. */
record Place(int line, int column) {
  DataException error(String what) {
    return new DataException("chat template:" + line + ":" + column + ": " + what);
  }
}
