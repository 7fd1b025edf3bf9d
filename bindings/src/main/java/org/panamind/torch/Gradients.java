package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import org.panamind.torch.ffi.Panamind;

/**
 * What is done with the gradients of many parameters at once; parameters without one are skipped.
 */
public final class Gradients {
  private Gradients() {}

  /**
   * L2 norm over all gradients together, summed in double precision. Waits for the device once.
   *
   * @param scale each gradient counts times this
   * @return NaN or infinite when any element is
   */
  public static double norm(Collection<Tensor> parameters, double scale) {
    var scratch = Scratch.get();
    scratch.reset();
    var handles = scratch.handles(parameters.toArray(new Tensor[0]));
    Status.check(
        Panamind.pm_grad_norm(
            handles, parameters.size(), scale, scratch.out, scratch.out.asSlice(8)));
    double norm = scratch.out.get(JAVA_DOUBLE, 0);
    return scratch.out.get(JAVA_INT, 8) != 0 || !Double.isFinite(norm) ? norm : Double.NaN;
  }

  /** Multiplies all gradients in place. */
  public static void scale(Collection<Tensor> parameters, double factor) {
    var scratch = Scratch.get();
    scratch.reset();
    var handles = scratch.handles(parameters.toArray(new Tensor[0]));
    Status.check(Panamind.pm_scale_grad(handles, parameters.size(), factor));
  }

  /**
   * Drops all gradients, so that the next backward starts anew and their memory is free meanwhile.
   */
  public static void clear(Collection<Tensor> parameters) {
    var scratch = Scratch.get();
    scratch.reset();
    var handles = scratch.handles(parameters.toArray(new Tensor[0]));
    Status.check(Panamind.pm_zero_grad(handles, parameters.size(), 0));
  }

  /**
   * Gradients of a one-element tensor with respect to {@code inputs}, without collecting them in
   * the leaves.
   *
   * @param createGraph whether the gradients can be differentiated again
   * @return one for each input, null where the root does not depend on it; owned by the current
   *     scope
   */
  public static Tensor[] of(Tensor root, Tensor[] inputs, boolean createGraph) {
    var scratch = Scratch.get();
    scratch.reset();
    try (var arena = Arena.ofConfined()) {
      // Not the scratch: hooks run before the results are written, and use it.
      var outs = arena.allocate(JAVA_LONG, inputs.length);
      var roots = scratch.handles(new Tensor[] {root});
      var wanted = scratch.handles(inputs);
      int create = createGraph ? 1 : 0;
      Status.check(
          Panamind.pm_grad(
              roots, MemorySegment.NULL, 1, wanted, inputs.length, create, create, outs));
      var gradients = new Tensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        gradients[i] = Tensor.own(outs.getAtIndex(JAVA_LONG, i));
      }
      return gradients;
    }
  }
}
