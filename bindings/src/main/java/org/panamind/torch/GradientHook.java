package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.panamind.torch.ffi.Panamind;
import org.panamind.torch.ffi.pm_gradient_hook;

/**
 * A callback on a tensor's gradient, until {@link #close}. It runs on the thread that computes the
 * gradient, in the midst of the backward; the gradient and all tensors made in the callback end
 * with it. An exception that it throws ends the backward with a {@link TorchException} that has it
 * as cause. Until it is closed it holds a reference to its tensor.
 */
public final class GradientHook implements AutoCloseable {
  /**
   * What the latest failing callback threw. Not by thread: on a GPU the callback runs on a thread
   * of LibTorch's, and the backward that it ends on the caller's.
   */
  private static final AtomicReference<Throwable> FAILURE = new AtomicReference<>();

  private final Tensor tensor;
  private final Consumer<Tensor> consumer;
  private final AtomicInteger running = new AtomicInteger();
  private final Arena arena = Arena.ofShared();
  private final long id;

  private GradientHook(Tensor tensor, Consumer<Tensor> consumer) {
    this.tensor = tensor;
    this.consumer = consumer;
    var scratch = Scratch.get();
    var stub = pm_gradient_hook.allocate((context, gradient) -> call(gradient), arena);
    int status =
        Panamind.pm_tensor_add_hook(tensor.pointer(), stub, MemorySegment.NULL, scratch.out);
    if (status != Panamind.PM_OK()) arena.close();
    Status.check(status);
    this.id = scratch.out.get(JAVA_LONG, 0);
  }

  static GradientHook register(Tensor tensor, Consumer<Tensor> consumer) {
    var held = tensor.share().keepForever();
    try {
      return new GradientHook(held, consumer);
    } catch (RuntimeException e) {
      held.close();
      throw e;
    }
  }

  /** An exception must not leave an upcall: it would end the virtual machine. */
  private int call(MemorySegment gradient) {
    running.incrementAndGet();
    try (var scope = TensorScope.open()) {
      var scratch = Scratch.get();
      Status.check(Panamind.pm_tensor_share(gradient, scratch.out));
      consumer.accept(Tensor.own(scratch.out.get(JAVA_LONG, 0)));
      return 0;
    } catch (Throwable e) {
      FAILURE.set(e);
      return 1;
    } finally {
      running.decrementAndGet();
    }
  }

  /** What ended the backward that just failed; null when that is not known. */
  static Throwable takeFailure() {
    return FAILURE.getAndSet(null);
  }

  /**
   * Removes the hook; a second call does nothing.
   *
   * @throws IllegalStateException if the callback is running: LibTorch still needs it
   */
  @Override
  public void close() {
    if (tensor.isClosed()) return;
    if (running.get() > 0) {
      throw new IllegalStateException("a gradient hook cannot be closed from within itself");
    }
    Status.check(Panamind.pm_tensor_remove_hook(tensor.pointer(), id));
    tensor.close();
    arena.close();
  }
}
