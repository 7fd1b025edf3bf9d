package org.panamind.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * Lowers index expressions to LibTorch's operators: views where possible, one gather for index
 * tensors.
 */
final class Indexing {
  private static final Op INDEX = Op.of("aten::index.Tensor");

  private Indexing() {}

  /** Views on the way end with a scope of their own; the result goes to the caller's. */
  static Tensor get(Tensor tensor, Ix... places) {
    checkCount(tensor, places);
    try (var inner = TensorScope.open()) {
      return inner.keep(lower(tensor, places));
    }
  }

  private static Tensor lower(Tensor tensor, Ix[] places) {
    var result = tensor;
    // What aten::index takes: null for an axis left whole; a mask is one entry for all its axes.
    List<Tensor> chosen = new ArrayList<>();
    int axis = 0;
    for (int i = 0; i < places.length; i++) {
      int before = axis;
      switch (places[i]) {
        case Ix.Slice slice -> {
          if (slice.from() != 0 || slice.to() != Long.MAX_VALUE || slice.step() != 1) {
            result = result.slice(axis, slice.from(), slice.to(), slice.step());
          }
          axis++;
        }
        case Ix.At at -> result = result.select(axis, at.index());
        case Ix.NewAxis fresh -> result = result.unsqueeze(axis++);
        case Ix.Ellipsis rest -> axis = result.dim() - axesOf(places, i + 1);
        case Ix.Of of -> axis += axesOf(of);
      }
      if (places[i] instanceof Ix.Of of) {
        chosen.add(of.tensor());
      } else {
        chosen.addAll(Collections.nCopies(axis - before, null));
      }
    }
    if (chosen.stream().anyMatch(Objects::nonNull)) return INDEX.tensor(result, chosen);
    // Never the same object, which the caller would then own twice.
    return result == tensor ? tensor.share() : result;
  }

  private static void checkCount(Tensor tensor, Ix[] places) {
    int named = axesOf(places, 0);
    if (named > tensor.dim()) {
      throw new TorchException(
          "an index expression names " + named + " axes of a tensor with " + tensor.dim());
    }
    long ellipses = Arrays.stream(places).filter(Ix.Ellipsis.class::isInstance).count();
    if (ellipses > 1) throw new TorchException("an index expression has two ellipses");
  }

  /** Axes of the tensor that the places from {@code first} on take. */
  private static int axesOf(Ix[] places, int first) {
    int axes = 0;
    for (int i = first; i < places.length; i++) {
      axes +=
          switch (places[i]) {
            case Ix.Slice slice -> 1;
            case Ix.At at -> 1;
            case Ix.Of of -> axesOf(of);
            case Ix.NewAxis fresh -> 0;
            case Ix.Ellipsis rest -> 0;
          };
    }
    return axes;
  }

  private static int axesOf(Ix.Of of) {
    var type = of.tensor().dtype();
    if (type == DType.INT64) return 1;
    if (type == DType.BOOL && of.tensor().dim() > 0) return of.tensor().dim();
    throw new TorchException(
        "an index tensor is int64, or bool with at least one axis; this one is "
            + type
            + Arrays.toString(of.tensor().shape()));
  }
}
