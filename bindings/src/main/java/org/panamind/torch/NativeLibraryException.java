package org.panamind.torch;

/**
 * The native library or LibTorch cannot be found, loaded, or is of another version than these
 * bindings.
 */
public final class NativeLibraryException extends TorchException {
  NativeLibraryException(String message) {
    super(message);
  }

  NativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
