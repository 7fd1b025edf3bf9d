package org.panamind.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.panamind.torch.ffi.Panamind;

/**
 * Owns every tensor made on this thread while it is the innermost open scope, and frees all but the
 * kept ones when it closes. A training loop opens one per step and one per micro-batch:
 *
 * <pre>{@code
 * try (var scope = TensorScope.open()) {
 *   Tensor loss = model.loss(batch);
 *   loss.backward();
 *   total = scope.keep(loss.detach());   // lives on in the scope outside
 * }
 * }</pre>
 *
 * Scopes nest and close in the order in which they were opened, on the thread that opened them. A
 * tensor made with no scope open belongs to nobody and lives until {@link Tensor#close}.
 */
public final class TensorScope implements AutoCloseable {
  private static final ThreadLocal<TensorScope[]> INNERMOST =
      ThreadLocal.withInitial(() -> new TensorScope[1]);

  private final TensorScope outer;
  private final Thread thread = Thread.currentThread();
  private Tensor[] tensors = new Tensor[64];
  private int count;
  private boolean closed;

  private TensorScope(TensorScope outer) {
    this.outer = outer;
  }

  /** Opens a scope inside the innermost one of this thread. */
  public static TensorScope open() {
    Scratch.get(); // refuses virtual threads
    var innermost = INNERMOST.get();
    return innermost[0] = new TensorScope(innermost[0]);
  }

  static TensorScope current() {
    return INNERMOST.get()[0];
  }

  /**
   * Moves a tensor of this scope to the scope outside it; with none outside, it belongs to nobody
   * from then on.
   *
   * @return the same tensor
   */
  public Tensor keep(Tensor tensor) {
    checkThread();
    if (tensor.scope() != this) return tensor;
    remove(tensor);
    if (outer != null) outer.add(tensor);
    return tensor;
  }

  void add(Tensor tensor) {
    if (count == tensors.length) compactOrGrow();
    tensors[count] = tensor;
    tensor.enter(this, count++);
  }

  void remove(Tensor tensor) {
    checkThread();
    tensors[tensor.slot()] = null;
    tensor.enter(null, -1);
    while (count > 0 && tensors[count - 1] == null) count--;
  }

  /** Tensors closed by hand leave gaps; they are filled before the array grows. */
  private void compactOrGrow() {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      var tensor = tensors[i];
      if (tensor == null) continue;
      tensors[kept] = tensor;
      tensor.enter(this, kept++);
    }
    Arrays.fill(tensors, kept, count, null);
    count = kept;
    if (count > tensors.length / 2) tensors = Arrays.copyOf(tensors, tensors.length * 2);
  }

  /** Number of tensors that this scope would free now. */
  public int size() {
    int live = 0;
    for (int i = 0; i < count; i++) {
      if (tensors[i] != null) live++;
    }
    return live;
  }

  private void checkThread() {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "this scope belongs to thread "
              + thread.getName()
              + ", not to "
              + Thread.currentThread().getName());
    }
  }

  /**
   * Frees the tensors of this scope.
   *
   * @throws IllegalStateException if an inner scope is still open or this is another thread
   */
  @Override
  public void close() {
    if (closed) return;
    checkThread();
    var innermost = INNERMOST.get();
    if (innermost[0] != this) {
      throw new IllegalStateException(
          "a scope opened inside this one is still open; close it first");
    }
    innermost[0] = outer;
    closed = true;
    free();
  }

  private void free() {
    if (count == 0) return;
    try (var arena = Arena.ofConfined()) {
      MemorySegment handles = arena.allocate(ValueLayout.JAVA_LONG, count);
      for (int i = 0; i < count; i++) {
        handles.setAtIndex(ValueLayout.JAVA_LONG, i, tensors[i] == null ? 0 : tensors[i].release());
      }
      Status.check(Panamind.pm_tensor_free_many(handles, count));
    }
    tensors = null;
    count = 0;
  }
}
