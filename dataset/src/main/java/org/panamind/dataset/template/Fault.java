package org.panamind.dataset.template;

/** Something went wrong in an operation that does not know where it stands in the template. */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Fault(String what) {
    super(what, null, false, false);
  }
}
