package org.panamind.model.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the unpickler's result into immutable values. A pickle can make a container hold itself, or
 * nest a few shared lists into a tree of 2^60 nodes; so cycles, depth and the size of the tree as
 * it would look unshared are checked, and each container is converted once.
 */
final class PickleTree {
  private static final int MAX_DEPTH = 64;
  private static final long MAX_NODES = 8_000_000;

  private record Node(PickleValue value, long size, int height) {}

  private final IdentityHashMap<PickleItem, Node> done = new IdentityHashMap<>();

  /**
   * The values below {@code root}.
   *
   * @throws TorchStorages.Refused if they contain themselves, are too many or too deep, or if a
   *     class or storage stands where a value belongs
   */
  static PickleValue of(PickleItem root) throws TorchStorages.Refused {
    return new PickleTree().convert(root, 0).value;
  }

  private Node convert(PickleItem item, int depth) throws TorchStorages.Refused {
    if (item instanceof PickleItem.Leaf(PickleValue value)) {
      return new Node(value, 1, 0);
    }
    Node known = done.get(item);
    if (known == null) {
      // A cycle meets itself only after going deeper and deeper, so the depth ends it too.
      known = depth < MAX_DEPTH ? container(item, depth) : null;
    }
    if (known == null || depth + known.height > MAX_DEPTH) {
      throw new TorchStorages.Refused(
          "containers are nested more than " + MAX_DEPTH + " deep, or contain themselves");
    }
    done.put(item, known);
    return known;
  }

  private Node container(PickleItem item, int depth) throws TorchStorages.Refused {
    return switch (item) {
      case PickleItem.Growing(ArrayList<PickleItem> items) -> sequence(items, depth);
      case PickleItem.Tuple(List<PickleItem> items) -> sequence(items, depth);
      case PickleItem.Mapping(LinkedHashMap<PickleValue, PickleItem> entries) ->
          dict(entries, depth);
      default ->
          throw new TorchStorages.Refused("a class, function or bare storage stands for a value");
    };
  }

  private Node sequence(List<PickleItem> items, int depth) throws TorchStorages.Refused {
    List<PickleValue> values = new ArrayList<>(items.size());
    long size = 1;
    int height = 0;
    for (PickleItem item : items) {
      Node node = convert(item, depth + 1);
      values.add(node.value);
      size = checked(size + node.size);
      height = Math.max(height, node.height + 1);
    }
    return new Node(new PickleValue.Sequence(Collections.unmodifiableList(values)), size, height);
  }

  private Node dict(Map<PickleValue, PickleItem> entries, int depth) throws TorchStorages.Refused {
    Map<PickleValue, PickleValue> values = new LinkedHashMap<>();
    long size = 1;
    int height = 0;
    for (Map.Entry<PickleValue, PickleItem> e : entries.entrySet()) {
      Node node = convert(e.getValue(), depth + 1);
      values.put(e.getKey(), node.value);
      size = checked(size + node.size);
      height = Math.max(height, node.height + 1);
    }
    return new Node(new PickleValue.Dict(Collections.unmodifiableMap(values)), size, height);
  }

  private static long checked(long size) throws TorchStorages.Refused {
    if (size > MAX_NODES) {
      throw new TorchStorages.Refused(
          "shared containers unfold to more than " + MAX_NODES + " values");
    }
    return size;
  }
}
