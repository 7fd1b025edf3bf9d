package org.panamind.torch;

/**
 * A store or a collective failed or timed out: another rank died, hangs, or calls something else.
 * The message names the operation, its bytes, this rank and the time-out. The group is of no
 * further use; the process is to end, with the exit code for a failed rank.
 */
public final class DistributedException extends TorchException {
  DistributedException(String message) {
    super(message);
  }
}
