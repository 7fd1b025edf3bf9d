package org.panamind.stage.distill;

import org.panamind.torch.DType;
import org.panamind.torch.Nn;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * Soft and hard targets together (Hinton et al. 2015, arXiv:1503.02531, section 2): {@code alpha CE
 * + (1 - alpha) T^2 KL(teacher || student)}, both at temperature T in the divergence, summed over n
 * tokens.
 *
 * <p>Student and teacher have V logits a token each, which nobody can hold for all tokens at once.
 * So the gradient is computed with the loss, a few tokens at a time, from its closed form: {@code
 * alpha (softmax(z) - onehot) + (1 - alpha) T (softmax(z / T) - softmax(z_teacher / T))}.
 *
 * @param sum no axis, float32, with a gradient to states and head weight where these want one
 * @param crossEntropy summed, no axis, without graph
 * @param divergence T^2 KL, summed, no axis, without graph
 */
record DistillLoss(Tensor sum, Tensor crossEntropy, Tensor divergence) {
  /** Logits of a chunk: 32 MiB in float32. */
  private static final long CHUNK = 8L << 20;

  /**
   * What says n tokens.
   *
   * @param states [n, C] hidden states
   * @param head [V, C]
   */
  record Speaker(Tensor states, Tensor head) {
    private Tensor logits(long from, long count) {
      return Nn.linear(states.narrow(0, from, count), head, null).to(DType.FLOAT32); // [m, V]
    }
  }

  /**
   * How both losses are mixed.
   *
   * @param alpha share of the cross-entropy, 0 to 1
   * @param temperature T, above 0
   */
  record Mixture(double alpha, double temperature) {}

  /**
   * Computes loss and gradient.
   *
   * @param targets [n] int64, the tokens that should be said
   */
  static DistillLoss of(Speaker student, Speaker teacher, Tensor targets, Mixture mixture) {
    return of(student, teacher, targets, mixture, Math.max(1, CHUNK / student.head.size(0)));
  }

  static DistillLoss of(
      Speaker student, Speaker teacher, Tensor targets, Mixture mixture, long step) {
    boolean learns = student.states.requiresGrad() || student.head.requiresGrad();
    var total = new Total(student);
    try (var no = NoGrad.enter()) {
      long tokens = targets.size(0);
      for (long from = 0; from < tokens; from += step) {
        try (var scope = TensorScope.open()) {
          total.add(
              student, teacher, targets, mixture, from, Math.min(step, tokens - from), learns);
        }
      }
    }
    var sum = total.crossEntropy.mul(mixture.alpha).add(total.divergence, 1 - mixture.alpha).copy();
    if (learns) {
      sum = carrying(sum, student.states, total.states);
      sum = carrying(sum, student.head, total.head);
    }
    return new DistillLoss(sum, total.crossEntropy, total.divergence);
  }

  /** The same value, with {@code gradient} as its gradient to {@code x} besides those it has. */
  private static Tensor carrying(Tensor value, Tensor x, Tensor gradient) {
    var linear = x.mul(gradient).sum();
    return value.add(linear.sub(linear.detach()));
  }

  /** What grows from chunk to chunk. */
  private static final class Total {
    private final Tensor crossEntropy;
    private final Tensor divergence;
    private final Tensor states;
    private final Tensor head;

    Total(Speaker student) {
      var device = student.states.device();
      crossEntropy = Torch.zeros(DType.FLOAT32, device);
      divergence = Torch.zeros(DType.FLOAT32, device);
      states = Torch.zeros(DType.FLOAT32, device, student.states.shape());
      head = Torch.zeros(DType.FLOAT32, device, student.head.shape());
    }

    void add(
        Speaker student,
        Speaker teacher,
        Tensor targets,
        Mixture mixture,
        long from,
        long count,
        boolean learns) {
      double temperature = mixture.temperature;
      var logits = student.logits(from, count); // [m, V]
      var plain = logits.logSoftmax(-1);
      var wanted = targets.narrow(0, from, count).unsqueeze(1); // [m, 1]
      crossEntropy.sub_(plain.gather(1, wanted).sum());

      var soft = logits.div(temperature).logSoftmax(-1);
      var softWanted = teacher.logits(from, count).div(temperature).logSoftmax(-1);
      var probabilities = softWanted.exp();
      var apart = probabilities.mul(softWanted.sub(soft)).sum();
      divergence.add_(apart, temperature * temperature);
      if (!learns) return;

      var ones = Torch.ones(DType.FLOAT32, logits.device(), count, 1);
      var hard = plain.exp().scatterAdd(1, wanted, ones.neg()); // [m, V]
      var gradient =
          hard.mul(mixture.alpha)
              .add(soft.exp().sub(probabilities), (1 - mixture.alpha) * temperature);
      var said = student.states.narrow(0, from, count); // [m, C]
      states.narrow(0, from, count).copy_(gradient.matmul(student.head)); // [m, C]
      head.add_(gradient.t().matmul(said.to(DType.FLOAT32))); // [V, C]
    }
  }
}
