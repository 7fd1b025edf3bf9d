package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import org.panamind.torch.ffi.Panamind;

/** Records no graph on this thread while open: {@code try (var no = NoGrad.enter()) { ... }}. */
public final class NoGrad implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final int before;
  private boolean closed;

  private NoGrad(int before) {
    this.before = before;
  }

  /** Turns recording off until the result is closed on this thread. */
  public static NoGrad enter() {
    return new NoGrad(set(0));
  }

  private static int set(int enabled) {
    var scratch = Scratch.get();
    Status.check(Panamind.pm_set_grad_mode(enabled, scratch.out));
    return scratch.out.get(JAVA_INT, 0);
  }

  /** Restores what was before; a second call does nothing. */
  @Override
  public void close() {
    if (closed) return;
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("grad mode belongs to thread " + thread.getName());
    }
    closed = true;
    set(before);
  }
}
