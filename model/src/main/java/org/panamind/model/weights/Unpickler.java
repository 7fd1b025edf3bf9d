package org.panamind.model.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stack machine of a pickle (CPython's {@code Lib/pickletools.py} is the reference), cut down
 * to what {@code torch.save} writes for tensors in plain containers, in protocols 2 to 4. A global
 * outside {@link PickleItem#global}, any other opcode, an index or size beyond the limits ends it.
 */
final class Unpickler {
  private static final long MAX_SIZE = 64 << 20;
  private static final int MAX_OPCODES = 4_000_000;
  private static final int MAX_GLOBAL = 200;
  private static final String REMEDY =
      "Only tensors, numbers, strings, lists and dicts are read from a .pth; if you trust the file,"
          + " load it in Python and save its state_dict() anew.";

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble BIG_ENDIAN_DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Path file;
  private final long base;
  private final MemorySegment code;
  private final TensorCalls calls;
  private final List<PickleItem> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, PickleItem> memo = new HashMap<>();
  private long at;
  private long opcodeAt;

  /**
   * @param base byte of the file where {@code code} starts, for messages
   * @param code the pickle
   */
  Unpickler(Path file, long base, MemorySegment code, TorchStorages storages) {
    this.file = file;
    this.base = base;
    this.code = code;
    this.calls = new TensorCalls(storages);
  }

  /**
   * Runs the pickle.
   *
   * @return its one result
   * @throws WeightException if it is damaged or wants anything that is not allowed
   */
  PickleItem run() {
    if (code.byteSize() > MAX_SIZE) {
      throw broken("the pickle of " + code.byteSize() + " bytes is larger than " + MAX_SIZE);
    }
    try {
      for (int count = 0; count < MAX_OPCODES; count++) {
        opcodeAt = at;
        int opcode = u8();
        if (opcode == '.') {
          return result();
        }
        step(opcode);
      }
    } catch (TorchStorages.Refused e) {
      throw broken(e.getMessage());
    }
    throw broken("the pickle has more than " + MAX_OPCODES + " steps");
  }

  private PickleItem result() {
    PickleItem result = pop();
    if (!stack.isEmpty() || !marks.isEmpty()) {
      throw broken("the pickle leaves values over");
    }
    if (at != code.byteSize()) {
      throw broken("something follows the pickle");
    }
    return result;
  }

  /** Opcodes by their letter in {@code pickletools}, those without one by number. */
  private void step(int opcode) throws TorchStorages.Refused {
    switch (opcode) {
      case 0x80 -> protocol(); // PROTO
      case 0x95 -> frame(); // FRAME
      case '(' -> marks.add(stack.size());
      case 'c' -> push(global(line(), line()));
      case 0x93 -> stackGlobal(); // STACK_GLOBAL
      case 'Q' -> push(calls.persistent(pop())); // BINPERSID
      case 'R' -> call();
      case 'b' -> build();
      case 'q' -> remember(u8()); // BINPUT
      case 'r' -> remember(Integer.toUnsignedLong(i32())); // LONG_BINPUT
      case 0x94 -> remember(memo.size()); // MEMOIZE
      case 'h' -> recall(u8()); // BINGET
      case 'j' -> recall(Integer.toUnsignedLong(i32())); // LONG_BINGET
      case '}' -> push(new PickleItem.Mapping(new LinkedHashMap<>()));
      case ']' -> push(new PickleItem.Growing(new ArrayList<>()));
      case ')' -> push(new PickleItem.Tuple(List.of()));
      case 't' -> push(new PickleItem.Tuple(popToMark()));
      case 0x85 -> push(new PickleItem.Tuple(popLast(1))); // TUPLE1
      case 0x86 -> push(new PickleItem.Tuple(popLast(2))); // TUPLE2
      case 0x87 -> push(new PickleItem.Tuple(popLast(3))); // TUPLE3
      case 's' -> setItems(popLast(2));
      case 'u' -> setItems(popToMark());
      case 'a' -> append(popLast(1));
      case 'e' -> append(popToMark());
      default -> push(new PickleItem.Leaf(scalar(opcode)));
    }
  }

  private PickleValue scalar(int opcode) {
    return switch (opcode) {
      case 'X' -> text(Integer.toUnsignedLong(i32())); // BINUNICODE
      case 0x8c -> text(u8()); // SHORT_BINUNICODE
      case 0x8d -> text(i64()); // BINUNICODE8
      case 'J' -> new PickleValue.Int(i32()); // BININT
      case 'K' -> new PickleValue.Int(u8()); // BININT1
      case 'M' -> new PickleValue.Int(Short.toUnsignedInt(code.get(U16, take(2)))); // BININT2
      case 0x8a -> long1(); // LONG1
      case 'G' -> new PickleValue.Real(code.get(BIG_ENDIAN_DOUBLE, take(8))); // BINFLOAT
      case 0x88 -> new PickleValue.Bool(true); // NEWTRUE
      case 0x89 -> new PickleValue.Bool(false); // NEWFALSE
      case 'N' -> new PickleValue.None();
      default -> {
        String letter = opcode > ' ' && opcode < 0x7f ? " '" + (char) opcode + "'" : "";
        throw broken(
            "the pickle uses opcode 0x%02x%s, which is not allowed".formatted(opcode, letter));
      }
    };
  }

  private void protocol() {
    int version = u8();
    if (version < 2 || version > 4) {
      throw broken("the pickle has protocol " + version + ", read are 2 to 4");
    }
  }

  /** Frames only help a streaming reader, but one that lies tells of damage. */
  private void frame() {
    long length = i64();
    if (length < 0 || length > code.byteSize() - at) {
      throw broken("a frame of the pickle runs past its end");
    }
  }

  private PickleItem global(String module, String name) {
    return PickleItem.global(module, name)
        .orElseThrow(
            () ->
                broken(
                    "the pickle wants "
                        + WeightException.printable(module + "." + name)
                        + ", which is not allowed"));
  }

  private void stackGlobal() {
    List<PickleItem> names = popLast(2);
    if (names.get(0) instanceof PickleItem.Leaf(PickleValue.Text(String module))
        && names.get(1) instanceof PickleItem.Leaf(PickleValue.Text(String name))) {
      push(global(module, name));
    } else {
      throw broken("a global of the pickle is not named by two strings");
    }
  }

  private void call() throws TorchStorages.Refused {
    List<PickleItem> parts = popLast(2);
    if (parts.get(0) instanceof PickleItem.Callable callable
        && parts.get(1) instanceof PickleItem.Tuple(List<PickleItem> arguments)) {
      push(calls.call(callable, arguments));
    } else {
      throw broken("the pickle calls something that is no function of the allowed ones");
    }
  }

  /**
   * An OrderedDict's attributes ({@code _metadata}: versions of modules) say nothing of weights.
   */
  private void build() {
    List<PickleItem> parts = popLast(2);
    if (!(parts.get(0) instanceof PickleItem.Mapping)
        || !(parts.get(1) instanceof PickleItem.Mapping)) {
      throw broken("the pickle sets the state of something that is no dict");
    }
    push(parts.get(0));
  }

  private void setItems(List<PickleItem> pairs) {
    if (!(top() instanceof PickleItem.Mapping(LinkedHashMap<PickleValue, PickleItem> entries))
        || pairs.size() % 2 != 0) {
      throw broken("the pickle sets keys of something that is no dict, or half a pair");
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      if (!(pairs.get(i) instanceof PickleItem.Leaf(PickleValue key))
          || !(key instanceof PickleValue.Text || key instanceof PickleValue.Int)) {
        throw broken("a dict's key is neither a string nor an integer");
      }
      if (entries.put(key, pairs.get(i + 1)) != null) {
        String shown =
            key instanceof PickleValue.Text(String t)
                ? WeightException.printable(t)
                : key.toString();
        throw broken("the dict key " + shown + " stands twice");
      }
    }
  }

  private void append(List<PickleItem> items) {
    if (!(top() instanceof PickleItem.Growing(ArrayList<PickleItem> list))) {
      throw broken("the pickle appends to something that is no list");
    }
    list.addAll(items);
  }

  private void remember(long index) {
    if (index > MAX_OPCODES) {
      throw broken("memo index " + index + " is beyond " + MAX_OPCODES);
    }
    memo.put(index, top());
  }

  private void recall(long index) {
    PickleItem item = memo.get(index);
    if (item == null) {
      throw broken("memo index " + index + " was never set");
    }
    push(item);
  }

  private void push(PickleItem item) {
    stack.add(item);
  }

  private PickleItem top() {
    requireItems(1);
    return stack.getLast();
  }

  private PickleItem pop() {
    requireItems(1);
    return stack.removeLast();
  }

  private List<PickleItem> popLast(int count) {
    requireItems(count);
    return popFrom(stack.size() - count);
  }

  private List<PickleItem> popToMark() {
    if (marks.isEmpty()) {
      throw broken("the pickle's stack has no mark");
    }
    return popFrom(marks.removeLast());
  }

  private List<PickleItem> popFrom(int start) {
    List<PickleItem> tail = stack.subList(start, stack.size());
    List<PickleItem> items = List.copyOf(tail);
    tail.clear();
    return items;
  }

  /** Nothing below the last mark may be touched. */
  private void requireItems(int count) {
    int floor = marks.isEmpty() ? 0 : marks.getLast();
    if (stack.size() - floor < count) {
      throw broken("the pickle takes more from its stack than it holds");
    }
  }

  private PickleValue.Text text(long length) {
    byte[] raw = code.asSlice(take(length), length).toArray(ValueLayout.JAVA_BYTE);
    try {
      return new PickleValue.Text(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString());
    } catch (CharacterCodingException e) {
      throw broken("a string of the pickle is not UTF-8");
    }
  }

  /** Two's complement, little-endian, of as many bytes as needed. */
  private PickleValue.Int long1() {
    int length = u8();
    if (length > Long.BYTES) {
      throw broken("an integer of the pickle has " + length + " bytes, read are up to 8");
    }
    long value = 0;
    long start = take(length);
    for (int i = 0; i < length; i++) {
      value |= (code.get(ValueLayout.JAVA_BYTE, start + i) & 0xFFL) << (8 * i);
    }
    int unused = Long.SIZE - 8 * length;
    return new PickleValue.Int(length == 0 ? 0 : value << unused >> unused);
  }

  /** An argument of GLOBAL: a short ASCII line. */
  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = u8(); c != '\n'; c = u8()) {
      if (line.length() == MAX_GLOBAL) {
        throw broken("the name of a global is longer than " + MAX_GLOBAL);
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private int u8() {
    return code.get(ValueLayout.JAVA_BYTE, take(1)) & 0xFF;
  }

  private int i32() {
    return code.get(I32, take(4));
  }

  private long i64() {
    return code.get(I64, take(8));
  }

  private long take(long count) {
    if (count < 0 || count > code.byteSize() - at) {
      throw broken("the pickle ends within opcode or value");
    }
    at += count;
    return at - count;
  }

  private WeightException broken(String reason) {
    return new WeightException(file, base + opcodeAt, reason, REMEDY);
  }
}
