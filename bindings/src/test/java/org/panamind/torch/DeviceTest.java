package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Devices, threads, and what this LibTorch says of itself. */
@ExtendWith(ScopePerTest.class)
class DeviceTest {
  @Test
  void namesAreReadAndPrinted() {
    assertEquals(Device.CPU, Device.parse("cpu"));
    assertEquals(Device.cuda(0), Device.parse("cuda"));
    assertEquals(Device.cuda(3), Device.parse("cuda:3"));
    assertEquals("cuda:3", Device.cuda(3).toString());
    assertEquals("cpu", Device.CPU.toString());
    assertEquals("cpu", Device.CPU.description());
    for (var text : new String[] {"gpu", "cuda:", "cuda:-1", "cuda:x", "CPU", ""}) {
      var error = assertThrows(IllegalArgumentException.class, () -> Device.parse(text));
      assertEquals("device '" + text + "' is none of cpu, cuda, cuda:N", error.getMessage());
    }
  }

  @Test
  void theBestDeviceIsOneThatExists() {
    var best = Device.best();
    assertEquals(Device.cudaCount() > 0, best.isCuda());
    best.makeCurrent();
    best.synchronize();
    assertEquals(best, Torch.ones(DType.FLOAT32, best, 2).device());
    assertEquals(2, Torch.ones(2).to(best).sum().to(Device.CPU).item());
  }

  @Test
  void aDeviceThatIsNotThereIsRefused() {
    var absent = Device.cuda(Device.cudaCount());
    assertThrows(TorchException.class, () -> Torch.ones(DType.FLOAT32, absent, 2));
    assertThrows(TorchException.class, absent::description);
    assertThrows(TorchException.class, absent::makeCurrent);
    assertThrows(TorchException.class, () -> Memory.of(absent));
  }

  @Test
  void threadsAreSetForTheProcess() {
    int before = Torch.threads();
    Torch.threads(1);
    assertEquals(1, Torch.threads());
    Torch.threads(before);
    assertEquals(before, Torch.threads());
    assertThrows(TorchException.class, () -> Torch.threads(0));
  }

  @Test
  void libTorchSaysWhatItIs() {
    assertTrue(Torch.version().matches("\\d+\\.\\d+\\.\\d+.*"), Torch.version());
    assertTrue(Torch.buildInfo().contains("PyTorch built with"), Torch.buildInfo());
    if (Device.cudaCount() > 0) assertTrue(Torch.features().cuda());
  }

  @Test
  void aTensorPrintsItself() {
    var x = Tensor.of(new float[] {1, 2}, 1, 2);
    assertEquals("float32[1, 2]", x.toString());
    assertEquals(
        "int64[] = 3", Tensor.of(new long[] {3}).select(0, 0).toString().replace(".0", ""));
    assertTrue(x.text().contains("CPUFloatType{1,2}"), x.text());
    assertEquals(2, x.size(-1));
    assertThrows(TorchException.class, () -> x.size(2));
  }
}
