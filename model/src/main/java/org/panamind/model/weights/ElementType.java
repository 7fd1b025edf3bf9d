package org.panamind.model.weights;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Element type of a stored tensor. The constants carry the names that safetensors headers use; each
 * also knows the typed storage class that stands for it in a {@code torch.save} file.
 */
public enum ElementType {
  /** IEEE 754 double. */
  F64(8, "DoubleStorage"),
  /** IEEE 754 single. */
  F32(4, "FloatStorage"),
  /** IEEE 754 half: 5 exponent bits, 10 of mantissa. */
  F16(2, "HalfStorage"),
  /** The upper half of a single: 8 exponent bits, 7 of mantissa. */
  BF16(2, "BFloat16Storage"),
  /** Signed 64-bit integer. */
  I64(8, "LongStorage"),
  /** Signed 32-bit integer. */
  I32(4, "IntStorage"),
  /** Signed 16-bit integer. */
  I16(2, "ShortStorage"),
  /** Signed byte. */
  I8(1, "CharStorage"),
  /** Unsigned byte. */
  U8(1, "ByteStorage"),
  /** One byte, 0 or 1. */
  BOOL(1, "BoolStorage");

  private static final Map<String, ElementType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Enum::name, t -> t));

  private final int width;
  private final String torchStorage;

  ElementType(int width, String torchStorage) {
    this.width = width;
    this.torchStorage = torchStorage;
  }

  /** Bytes of one element. */
  public int width() {
    return width;
  }

  /** The class in Python's module {@code torch} that a pickle names for this type. */
  String torchStorage() {
    return torchStorage;
  }

  /** The type that a safetensors header calls {@code name}, empty for one this project has not. */
  static Optional<ElementType> ofSafetensors(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** The type whose storage class in module {@code torch} is {@code name}. */
  static Optional<ElementType> ofTorchStorage(String name) {
    return Arrays.stream(values()).filter(t -> t.torchStorage.equals(name)).findFirst();
  }
}
