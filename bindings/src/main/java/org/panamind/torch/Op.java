package org.panamind.torch;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.util.Arrays;
import java.util.List;
import org.panamind.torch.ffi.Panamind;

/**
 * One operator of LibTorch's dispatcher, by name and overload, autograd included. Arguments are
 * given in the schema's order; those left off at the end take its defaults. A lone array of tensors
 * must be cast to Object, or Java would spread it. What Java values stand for:
 *
 * <ul>
 *   <li>{@link Tensor} (or null) for Tensor; {@code Tensor[]} or a list of tensors for Tensor[];
 *   <li>int, long for int; float, double for float; any number or boolean for Scalar; boolean for
 *       bool;
 *   <li>{@code long[]}, {@code int[]} for int[]; {@code double[]} for float[]; {@code boolean[]}
 *       for bool[];
 *   <li>{@link DType} for ScalarType, {@link Device} for Device, {@link String} for str, null for
 *       none or the default.
 * </ul>
 *
 * <p>Keep an Op in a static final field: looking it up costs more than calling it. It may be used
 * on any platform thread.
 */
public final class Op {
  private static final int NONE = 0;
  private static final int TENSOR = 1;
  private static final int INT = 2;
  private static final int DOUBLE = 3;
  private static final int BOOL = 4;
  private static final int STRING = 5;
  private static final int INT_LIST = 6;
  private static final int DOUBLE_LIST = 7;
  private static final int BOOL_LIST = 8;
  private static final int TENSOR_LIST = 9;
  private static final int DEVICE = 10;

  private static final int UNKNOWN = -1;

  private final String name;

  /** Found at the first use; threads that race find the same. */
  private int id = UNKNOWN;

  private Op(String name) {
    this.name = name;
  }

  /**
   * Names an operator. It is looked up at its first use, so that a static field may hold it where
   * LibTorch cannot be loaded or is of a version without it: the call fails then, not the class.
   *
   * @param name for example {@code aten::add.Tensor}, or {@code aten::relu} for the overload
   *     without a name
   */
  public static Op of(String name) {
    return new Op(name);
  }

  /** The native side's handle. */
  int id() {
    if (id == UNKNOWN) id = find();
    return id;
  }

  private int find() {
    var scratch = Scratch.get();
    scratch.reset();
    int space = name.indexOf("::");
    int dot = name.indexOf('.', Math.max(space, 0));
    var base = dot < 0 ? name : name.substring(0, dot);
    var overload = dot < 0 ? "" : name.substring(dot + 1);
    Status.check(Panamind.pm_op_find(scratch.text(base), scratch.text(overload), scratch.out));
    return scratch.out.get(JAVA_INT, 0);
  }

  /** The name that {@link #of} was given. */
  public String name() {
    return name;
  }

  /** The schema: names, types and defaults of the arguments, types of the results. */
  public String schema() {
    int found = id();
    return NativeText.read(
        (buffer, capacity, needed) -> Panamind.pm_op_schema(found, buffer, capacity, needed));
  }

  /**
   * Runs the operator and returns its only (or first) tensor.
   *
   * @return owned by the current {@link TensorScope}; null where the operator gives the undefined
   *     tensor
   * @throws TorchException if an argument is of the wrong kind or LibTorch refuses
   */
  public Tensor tensor(Object... arguments) {
    var scratch = Scratch.get();
    int count = call(scratch, arguments);
    if (count != 1 || scratch.resultTag(0) != TENSOR) return first(results(scratch, count));
    return Tensor.own(scratch.resultPayload(0));
  }

  /** Runs the operator and returns all its tensors, those of a list one by one, in order. */
  public Tensor[] tensors(Object... arguments) {
    var scratch = Scratch.get();
    return results(scratch, call(scratch, arguments));
  }

  /** Runs an operator that returns one number or bool. */
  public double number(Object... arguments) {
    var scratch = Scratch.get();
    int count = call(scratch, arguments);
    int tag = count == 1 ? scratch.resultTag(0) : NONE;
    if (tag == DOUBLE) return Double.longBitsToDouble(scratch.resultPayload(0));
    if (tag == INT || tag == BOOL) return scratch.resultPayload(0);
    close(results(scratch, count), 0);
    throw new TorchException(name + " does not return one number: " + schema());
  }

  /** Runs an operator for its effect; what it returns is dropped. */
  public void run(Object... arguments) {
    var scratch = Scratch.get();
    close(results(scratch, call(scratch, arguments)), 0);
  }

  private int call(Scratch scratch, Object[] arguments) {
    int found = id();
    scratch.reset();
    if (arguments.length > Scratch.VALUES) {
      throw new TorchException(
          name + " was given " + arguments.length + " arguments, more than any operator has");
    }
    for (int i = 0; i < arguments.length; i++) put(scratch, i, arguments[i]);
    Status.check(
        Panamind.pm_call(
            found,
            scratch.arguments,
            arguments.length,
            scratch.results,
            Scratch.VALUES,
            scratch.out));
    return scratch.out.get(JAVA_INT, 0);
  }

  private void put(Scratch scratch, int index, Object value) {
    if (value instanceof Tensor tensor) {
      scratch.argument(index, TENSOR, 0, tensor.handle());
    } else if (value instanceof Number number) {
      putNumber(scratch, index, number);
    } else if (value == null) {
      scratch.argument(index, NONE, 0, 0);
    } else if (value instanceof Boolean bool) {
      scratch.argument(index, BOOL, 0, bool ? 1 : 0);
    } else if (value instanceof long[] list) {
      scratch.argument(index, INT_LIST, list.length, scratch.longs(list).address());
    } else if (value instanceof DType type) {
      scratch.argument(index, INT, 0, type.number());
    } else {
      putRare(scratch, index, value);
    }
  }

  private static void putNumber(Scratch scratch, int index, Number number) {
    if (number instanceof Double || number instanceof Float) {
      scratch.argument(index, DOUBLE, 0, Double.doubleToRawLongBits(number.doubleValue()));
    } else {
      scratch.argument(index, INT, 0, number.longValue());
    }
  }

  private void putRare(Scratch scratch, int index, Object value) {
    switch (value) {
      case Tensor[] list -> putTensors(scratch, index, list);
      case List<?> list -> putTensors(scratch, index, tensorsOf(index, list));
      case Device device -> scratch.argument(index, DEVICE, device.type().number(), device.index());
      case int[] list -> {
        var longs = new long[list.length];
        for (int i = 0; i < list.length; i++) longs[i] = list[i];
        scratch.argument(index, INT_LIST, list.length, scratch.longs(longs).address());
      }
      case double[] list ->
          scratch.argument(index, DOUBLE_LIST, list.length, scratch.doubles(list).address());
      case boolean[] list -> {
        var longs = new long[list.length];
        for (int i = 0; i < list.length; i++) longs[i] = list[i] ? 1 : 0;
        scratch.argument(index, BOOL_LIST, list.length, scratch.longs(longs).address());
      }
      case String text -> {
        var segment = scratch.text(text);
        scratch.argument(index, STRING, (int) segment.byteSize() - 1, segment.address());
      }
      default ->
          throw new TorchException(
              name
                  + ": argument "
                  + (index + 1)
                  + " is a "
                  + value.getClass().getName()
                  + ", which no operator takes");
    }
  }

  private Tensor[] tensorsOf(int index, List<?> list) {
    var tensors = new Tensor[list.size()];
    for (int i = 0; i < tensors.length; i++) {
      var element = list.get(i);
      if (element != null && !(element instanceof Tensor)) {
        throw new TorchException(
            name
                + ": argument "
                + (index + 1)
                + " is a list with a "
                + element.getClass().getName()
                + "; lists are of tensors, numbers go in a long[], double[] or boolean[]");
      }
      tensors[i] = (Tensor) element;
    }
    return tensors;
  }

  private static void putTensors(Scratch scratch, int index, Tensor[] list) {
    scratch.argument(index, TENSOR_LIST, list.length, scratch.handles(list).address());
  }

  /** Every handle is owned by a Tensor before anything can fail. */
  private static Tensor[] results(Scratch scratch, int count) {
    var tensors = new Tensor[count];
    int found = 0;
    int fit = Math.min(count, Scratch.VALUES);
    for (int done = 0; ; fit = rest(scratch)) {
      for (int i = 0; i < fit; i++) {
        if (scratch.resultTag(i) == TENSOR) {
          long handle = scratch.resultPayload(i);
          tensors[found++] = handle == 0 ? null : Tensor.own(handle);
        }
      }
      done += fit;
      if (done >= count || fit == 0) break;
    }
    return found == count ? tensors : Arrays.copyOf(tensors, found);
  }

  private static int rest(Scratch scratch) {
    Status.check(Panamind.pm_call_rest(scratch.results, Scratch.VALUES, scratch.out));
    return scratch.out.get(JAVA_INT, 0);
  }

  private Tensor first(Tensor[] tensors) {
    if (tensors.length == 0) throw new TorchException(name + " returns no tensor: " + schema());
    close(tensors, 1);
    return tensors[0];
  }

  private static void close(Tensor[] tensors, int from) {
    for (int i = from; i < tensors.length; i++) {
      if (tensors[i] != null) tensors[i].close();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
