package org.panamind.model.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.ModelConfig;
import org.panamind.model.ModelConfigException;
import org.panamind.torch.Autocast;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;

/**
 * A reward model: a decoder with one number for a head, read at a sequence's last token
 * (InternLM2ForRewardModel; Cai et al. 2024, arXiv:2403.17297, section 4.2). Owns its weights until
 * {@link #close}.
 */
public final class ScoringDecoder implements AutoCloseable {
  private static final String HEAD = "v_head.weight";

  private final Decoder decoder;
  private final Tensor head;

  private ScoringDecoder(Decoder decoder, Tensor head) {
    this.decoder = decoder;
    this.head = head;
  }

  /**
   * Reads a Hugging Face folder.
   *
   * @throws ModelConfigException if there is no config, or one that our decoder does not compute
   * @throws org.panamind.model.weights.WeightException if weights are missing, damaged or do not
   *     fit, the head among them
   */
  public static ScoringDecoder read(Path folder, Device device) {
    // There is no head over the vocabulary, so none that would not be the embedding's.
    var config = HubFolder.config(folder).withTiedEmbedding(true);
    try (var weights = HubFolder.weights(folder, config);
        var scope = TensorScope.open()) {
      var head = Torch.empty(DType.FLOAT32, device, 1, config.hiddenSize());
      var decoder = DecoderFiles.readAs(weights, config, device, Map.of(HEAD, head));
      return new ScoringDecoder(decoder, head.keepForever());
    }
  }

  /** Sizes and choices. */
  public ModelConfig config() {
    return decoder.config();
  }

  /**
   * Scores sequences at their last tokens, all in one pass. On the CPU all is float32; on CUDA
   * matrix products are bfloat16, the head is float32.
   *
   * @param rows token ids of each, at least one; padded to the longest behind, which no token
   *     before sees
   * @return a number for each, in their order
   * @throws ModelConfigException if a sequence exceeds the config's positions
   */
  public double[] scores(List<int[]> rows) {
    var device = decoder.device();
    var type = device.isCuda() ? DType.BFLOAT16 : DType.FLOAT32;
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var cast = Autocast.enter(device, type)) {
      int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
      var ids = new long[rows.size() * longest];
      var ends = new long[rows.size()];
      for (int r = 0; r < ends.length; r++) {
        int[] row = rows.get(r);
        for (int t = 0; t < row.length; t++) ids[r * longest + t] = row[t];
        ends[r] = (long) r * longest + row.length - 1;
      }
      var hidden = decoder.hidden(Tensor.of(ids, ends.length, longest).to(device)); // [B, T, C]
      var last = hidden.flatten(0, 1).indexSelect(0, Tensor.of(ends, ends.length).to(device));
      var scores = last.to(DType.FLOAT32).mul(head).sum(1, false); // [B]
      var values = scores.to(Device.CPU).toFloatArray();
      return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }
  }

  /** Frees the weights. */
  @Override
  public void close() {
    decoder.close();
    head.close();
  }
}
