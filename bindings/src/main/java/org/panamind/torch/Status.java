package org.panamind.torch;

import java.lang.foreign.MemorySegment;
import org.panamind.torch.ffi.Panamind;

/**
 * Turns a status of the native library into an exception with the message of the call that failed.
 */
final class Status {
  /** With {@code -Dpanamind.debug=true} messages carry LibTorch's C++ backtrace. */
  private static final boolean DEBUG = Boolean.getBoolean("panamind.debug");

  private Status() {}

  static void check(int status) {
    if (status != 0) throw exception(status);
  }

  private static TorchException exception(int status) {
    var text = message();
    if (status == Panamind.PM_ERROR_OUT_OF_MEMORY()) return new TorchOutOfMemoryException(text);
    if (status == Panamind.PM_ERROR_DISTRIBUTED()) return new DistributedException(text);
    if (status == Panamind.PM_ERROR_CALLBACK()) {
      var cause = GradientHook.takeFailure();
      return new TorchException(cause == null ? text : text + ": " + cause, cause);
    }
    return new TorchException(text);
  }

  private static String message() {
    MemorySegment text = DEBUG ? Panamind.pm_last_error_detail() : Panamind.pm_last_error();
    var message = text.getString(0);
    return DEBUG ? message : message.strip().replaceAll("\\s*\\n\\s*", " ");
  }
}
