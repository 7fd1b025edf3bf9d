package org.panamind.torch;

import java.util.List;

/** Types of a tensor's elements, with torch's numbers and widths. */
public enum DType {
  /** Unsigned 8-bit integer. */
  UINT8("uint8", 0, 1),
  /** Signed 8-bit integer. */
  INT8("int8", 1, 1),
  /** Signed 16-bit integer. */
  INT16("int16", 2, 2),
  /** Signed 32-bit integer. */
  INT32("int32", 3, 4),
  /** Signed 64-bit integer: indices, token ids. */
  INT64("int64", 4, 8),
  /** IEEE half precision: 5 bits of exponent, 10 of fraction. */
  FLOAT16("float16", 5, 2),
  /** IEEE single precision. */
  FLOAT32("float32", 6, 4),
  /** IEEE double precision. */
  FLOAT64("float64", 7, 8),
  /** One byte, 0 or 1. */
  BOOL("bool", 11, 1),
  /** Single precision's 8 bits of exponent with 7 of fraction. */
  BFLOAT16("bfloat16", 15, 2);

  private static final DType[] BY_NUMBER = new DType[16];

  static {
    for (var type : values()) BY_NUMBER[type.number] = type;
  }

  private final String torchName;
  private final int number;
  private final int bytes;

  DType(String torchName, int number, int bytes) {
    this.torchName = torchName;
    this.number = number;
    this.bytes = bytes;
  }

  /** Torch's name: {@code float32}, {@code bfloat16}, ... */
  public String torchName() {
    return torchName;
  }

  /** Torch's ScalarType number. */
  public int number() {
    return number;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements have a fraction. */
  public boolean isFloating() {
    return this == FLOAT16 || this == FLOAT32 || this == FLOAT64 || this == BFLOAT16;
  }

  /**
   * The type of torch's number.
   *
   * @throws TorchException if it is none of those here (complex and quantized types are not)
   */
  public static DType ofNumber(long number) {
    var type = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[(int) number] : null;
    if (type == null) {
      throw new TorchException("torch's dtype number " + number + " has no counterpart in DType");
    }
    return type;
  }

  /**
   * The type of torch's name.
   *
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static DType ofName(String name) {
    for (var type : values()) {
      if (type.torchName.equals(name)) return type;
    }
    throw new IllegalArgumentException(
        "unknown data type '" + name + "', known are " + List.of(values()));
  }

  @Override
  public String toString() {
    return torchName;
  }
}
