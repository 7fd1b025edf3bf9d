package org.panamind.model.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * What stands on the unpickler's stack while it works: values, containers still being filled, and
 * the few functions and classes a tensor is written with. Only the values leave it.
 */
sealed interface PickleItem {
  /** A finished scalar or tensor. */
  record Leaf(PickleValue value) implements PickleItem {}

  /** A list, filled by APPEND and APPENDS. */
  record Growing(ArrayList<PickleItem> items) implements PickleItem {}

  /** A tuple. */
  record Tuple(List<PickleItem> items) implements PickleItem {}

  /** A dict or OrderedDict, filled by SETITEM and SETITEMS. */
  record Mapping(LinkedHashMap<PickleValue, PickleItem> entries) implements PickleItem {}

  /** {@code torch.FloatStorage} and its like. */
  record StorageClass(ElementType type) implements PickleItem {}

  /** A storage that a persistent id named. */
  record Storage(TorchStorages.Storage storage) implements PickleItem {}

  /** The callables that are not classes of storages; nothing else is ever called. */
  enum Callable implements PickleItem {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_PARAMETER
  }

  /** The whole list of globals that a pickle may name; empty for any other. */
  static Optional<PickleItem> global(String module, String name) {
    return switch (module + " " + name) {
      case "collections OrderedDict" -> Optional.of(Callable.ORDERED_DICT);
      case "torch._utils _rebuild_tensor_v2" -> Optional.of(Callable.REBUILD_TENSOR);
      case "torch._utils _rebuild_parameter" -> Optional.of(Callable.REBUILD_PARAMETER);
      default ->
          module.equals("torch")
              ? ElementType.ofTorchStorage(name).map(StorageClass::new)
              : Optional.empty();
    };
  }
}
