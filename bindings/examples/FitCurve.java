import java.util.List;
import java.util.Map;
import org.panamind.torch.AdamW;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Gradients;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/** Fits a + bx + cx^2 + dx^3 to the sine: the bindings alone, no other part of Panamind. */
public class FitCurve {
  public static void main(String[] args) {
    try (var run = TensorScope.open()) {
      var x = Torch.arange(-3, 3, 0.01, DType.FLOAT32, Device.CPU);
      var powers = Torch.stack(List.of(x.pow(0), x, x.pow(2), x.pow(3)), 1); // [600, 4]
      var weights = Torch.zeros(4).requiresGrad(true);
      var optimizer = new AdamW(Map.of("weights", weights), AdamW.Settings.DEFAULT);
      for (int step = 0; step <= 300; step++) {
        try (var scope = TensorScope.open()) { // frees every tensor of this step
          var loss = powers.matmul(weights).sub(x.sin()).square().mean();
          loss.backward();
          optimizer.step(0.02, 1);
          Gradients.clear(optimizer.parameters());
          if (step % 50 == 0) System.out.printf("step %3d  loss %.5f%n", step, loss.item());
        }
      }
      System.out.println(weights.text());
      optimizer.close();
    }
  }
}
