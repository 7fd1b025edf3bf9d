package org.panamind.host.train;

import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * What square matrix products reach on a device: the ceiling that a training step is measured
 * against.
 */
public final class MachinePeak {
  private static final int ROUNDS = 5;

  private MachinePeak() {}

  /** Floating-point operations a second of the best of a few products, after one to warm up. */
  public static double flops(Device device, DType type) {
    int size = device.isCuda() ? 8192 : 1024;
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      var a = Torch.rand(type, device, size, size);
      var b = Torch.rand(type, device, size, size);
      double best = 0;
      for (int round = 0; round <= ROUNDS; round++) {
        device.synchronize();
        long start = System.nanoTime();
        try (var inner = TensorScope.open()) {
          a.mm(b);
        }
        device.synchronize();
        double rate = 2.0 * size * size * size / (System.nanoTime() - start) * 1e9;
        if (round > 0) best = Math.max(best, rate);
      }
      return best;
    }
  }
}
