package org.panamind.dataset.template;

/** A value that can be called. */
@FunctionalInterface
interface Callable {
  Object call(Given given);
}
