package org.panamind.model.weights;

import java.util.LinkedHashMap;
import java.util.List;

/**
 * The three callables a pickle may call and the one form of persistent id, with their arguments as
 * {@code torch._utils} and {@code torch.serialization} define them.
 */
final class TensorCalls {
  private final TorchStorages storages;

  TensorCalls(TorchStorages storages) {
    this.storages = storages;
  }

  /**
   * {@code ("storage", torch.FloatStorage, key, device, count)}; the device does not matter here.
   */
  PickleItem persistent(PickleItem id) throws TorchStorages.Refused {
    if (id instanceof PickleItem.Tuple(List<PickleItem> p)
        && p.size() == 5
        && p.get(0) instanceof PickleItem.Leaf(PickleValue.Text(String kind))
        && kind.equals("storage")
        && p.get(1) instanceof PickleItem.StorageClass(ElementType type)
        && p.get(2) instanceof PickleItem.Leaf(PickleValue.Text(String key))
        && p.get(3) instanceof PickleItem.Leaf(PickleValue.Text device)
        && p.get(4) instanceof PickleItem.Leaf(PickleValue.Int(long count))) {
      return new PickleItem.Storage(storages.storage(type, key, count));
    }
    throw new TorchStorages.Refused("a persistent id does not name a typed storage");
  }

  PickleItem call(PickleItem.Callable callable, List<PickleItem> arguments)
      throws TorchStorages.Refused {
    return switch (callable) {
      case ORDERED_DICT -> orderedDict(arguments);
      case REBUILD_TENSOR -> tensor(arguments);
      case REBUILD_PARAMETER -> parameter(arguments);
    };
  }

  private static PickleItem orderedDict(List<PickleItem> arguments) throws TorchStorages.Refused {
    if (!arguments.isEmpty()) {
      throw new TorchStorages.Refused("OrderedDict is called with arguments");
    }
    return new PickleItem.Mapping(new LinkedHashMap<>());
  }

  /** {@code (storage, offset, size, stride, requires_grad, hooks[, metadata])}. */
  private PickleItem tensor(List<PickleItem> p) throws TorchStorages.Refused {
    if (p.size() >= 6
        && p.size() <= 7
        && p.get(0) instanceof PickleItem.Storage(TorchStorages.Storage storage)
        && p.get(1) instanceof PickleItem.Leaf(PickleValue.Int(long offset))
        && p.get(2) instanceof PickleItem.Tuple(List<PickleItem> shape)
        && p.get(3) instanceof PickleItem.Tuple(List<PickleItem> strides)
        && p.get(4) instanceof PickleItem.Leaf(PickleValue.Bool requiresGrad)
        && isNothing(p.get(5))
        && (p.size() == 6 || isNothing(p.get(6)))) {
      StoredTensor view = storages.view(storage, offset, longs(shape), longs(strides));
      return new PickleItem.Leaf(new PickleValue.Tensor(view));
    }
    throw new TorchStorages.Refused(
        "a tensor is not made of a storage, an offset, sizes and strides, without hooks");
  }

  /** {@code (tensor, requires_grad, hooks)}. */
  private static PickleItem parameter(List<PickleItem> p) throws TorchStorages.Refused {
    if (p.size() == 3
        && p.get(0) instanceof PickleItem.Leaf leaf
        && leaf.value() instanceof PickleValue.Tensor
        && p.get(1) instanceof PickleItem.Leaf(PickleValue.Bool requiresGrad)
        && isNothing(p.get(2))) {
      return leaf;
    }
    throw new TorchStorages.Refused("a parameter is not made of a tensor without hooks");
  }

  /** Hooks and the conjugate and negative bits must be absent: None or an empty dict. */
  private static boolean isNothing(PickleItem item) {
    return switch (item) {
      case PickleItem.Leaf(PickleValue value) -> value instanceof PickleValue.None;
      case PickleItem.Mapping(LinkedHashMap<PickleValue, PickleItem> entries) -> entries.isEmpty();
      default -> false;
    };
  }

  private static long[] longs(List<PickleItem> items) throws TorchStorages.Refused {
    long[] values = new long[items.size()];
    for (int i = 0; i < values.length; i++) {
      if (!(items.get(i) instanceof PickleItem.Leaf(PickleValue.Int(long value)))) {
        throw new TorchStorages.Refused("a tensor's sizes or strides are not integers");
      }
      values[i] = value;
    }
    return values;
  }
}
