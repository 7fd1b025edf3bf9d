package org.panamind.torch;

/**
 * The CPU or GPU allocator has no such block; the message says what was asked and what is in use.
 */
public final class TorchOutOfMemoryException extends TorchException {
  TorchOutOfMemoryException(String message) {
    super(message);
  }
}
