package org.panamind.torch;

/**
 * Lowers index expressions to LibTorch's operators: views where possible, one gather for index
 * tensors.
 */
final class Indexing {
  private static final Op INDEX = Op.of("aten::index.Tensor");

  private Indexing() {}

  static Tensor get(Tensor tensor, Ix... places) {
    var result = tensor;
    var chosen = new Tensor[tensor.dim() + places.length];
    boolean anyChosen = false;
    int axis = 0;
    for (int i = 0; i < places.length; i++) {
      switch (places[i]) {
        case Ix.Slice slice -> {
          if (slice.from() != 0 || slice.to() != Long.MAX_VALUE || slice.step() != 1) {
            result = result.slice(axis, slice.from(), slice.to(), slice.step());
          }
          axis++;
        }
        case Ix.At at -> result = result.select(axis, at.index());
        case Ix.NewAxis fresh -> result = result.unsqueeze(axis++);
        case Ix.Ellipsis rest -> axis = result.dim() - axesAfter(places, i);
        case Ix.Of of -> {
          chosen[axis] = of.tensor();
          anyChosen = true;
          axis += of.tensor().dtype() == DType.BOOL ? of.tensor().dim() : 1;
        }
      }
    }
    // A view shares memory with the tensor; the same tensor must not come back under the caller's
    // eyes.
    if (!anyChosen) return result == tensor ? tensor.share() : result;
    return INDEX.tensor(result, (Object) java.util.Arrays.copyOf(chosen, axis));
  }

  /** Axes of the tensor that places after the ellipsis will take. */
  private static int axesAfter(Ix[] places, int ellipsis) {
    int axes = 0;
    for (int i = ellipsis + 1; i < places.length; i++) {
      switch (places[i]) {
        case Ix.Slice slice -> axes++;
        case Ix.At at -> axes++;
        case Ix.Of of -> axes += of.tensor().dtype() == DType.BOOL ? of.tensor().dim() : 1;
        case Ix.NewAxis fresh -> {}
        case Ix.Ellipsis second -> throw new TorchException("an index expression has two ellipses");
      }
    }
    return axes;
  }
}
