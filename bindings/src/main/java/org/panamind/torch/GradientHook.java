package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.panamind.torch.ffi.Panamind;
import org.panamind.torch.ffi.pm_gradient_hook;

/**
 * A callback on a tensor's gradient, until {@link #close}. It runs on the thread that computes the
 * gradient, in the midst of the backward; the gradient and all tensors made in the callback end
 * with it. An exception that it throws is logged and ends the backward with a {@link
 * TorchException}.
 */
public final class GradientHook implements AutoCloseable {
  private final Tensor tensor;
  private final Arena arena = Arena.ofShared();
  private final long id;

  private GradientHook(Tensor tensor, Consumer<Tensor> hook) {
    this.tensor = tensor;
    var scratch = Scratch.get();
    var stub = pm_gradient_hook.allocate((context, gradient) -> call(hook, gradient), arena);
    Status.check(
        Panamind.pm_tensor_add_hook(tensor.pointer(), stub, MemorySegment.NULL, scratch.out));
    this.id = scratch.out.get(JAVA_LONG, 0);
  }

  static GradientHook register(Tensor tensor, Consumer<Tensor> hook) {
    return new GradientHook(tensor, hook);
  }

  /** An exception must not leave an upcall: it would end the virtual machine. */
  private static int call(Consumer<Tensor> hook, MemorySegment gradient) {
    try (var scope = TensorScope.open()) {
      var scratch = Scratch.get();
      Status.check(Panamind.pm_tensor_share(gradient, scratch.out));
      hook.accept(Tensor.own(scratch.out.get(JAVA_LONG, 0)));
      return 0;
    } catch (Throwable e) {
      System.getLogger(GradientHook.class.getName())
          .log(System.Logger.Level.ERROR, "a gradient hook failed", e);
      return 1;
    }
  }

  /** Removes the hook; the tensor must not have been closed before. */
  @Override
  public void close() {
    if (!arena.scope().isAlive()) return;
    Status.check(Panamind.pm_tensor_remove_hook(tensor.pointer(), id));
    arena.close();
  }
}
