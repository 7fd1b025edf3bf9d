package org.panamind.torch;

/** LibTorch or the native library refused a call; the message is LibTorch's own, in one line. */
public class TorchException extends RuntimeException {
  TorchException(String message) {
    super(message);
  }

  TorchException(String message, Throwable cause) {
    super(message, cause);
  }
}
