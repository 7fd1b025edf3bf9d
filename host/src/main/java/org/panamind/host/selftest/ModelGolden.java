package org.panamind.host.selftest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.panamind.model.Activations;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.KvCache;
import org.panamind.stage.golden.Deviation;
import org.panamind.stage.golden.GoldenCase;
import org.panamind.stage.golden.GoldenCheck;
import org.panamind.stage.golden.GoldenDecoders;
import org.panamind.stage.golden.Trainer;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Ix;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** The decoder alone: logits, losses, the cache, left padding, gradients, half-precision files. */
public final class ModelGolden implements GoldenCheck {
  /** Ids that go through the cache at once; the rest one by one. */
  private static final int PREFILL = 9;

  private final Device device;

  /** A check on a device. */
  public ModelGolden(Device device) {
    this.device = device;
  }

  @Override
  public Set<String> cases() {
    return Set.of("model_dense", "model_dense_yarn", "model_moe");
  }

  @Override
  public List<Deviation> run(GoldenCase golden, Trainer trainer) {
    var found = new ArrayList<Deviation>();
    try (Decoder decoder = GoldenDecoders.read(golden, "init.safetensors", device)) {
      evaluation(golden, decoder, found);
      cache(golden, decoder, found);
      padding(golden, decoder, found);
      training(golden, decoder, found);
    }
    half(golden, found);
    return found;
  }

  private void evaluation(GoldenCase golden, Decoder decoder, List<Deviation> found) {
    JsonNode expected = golden.expected();
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Tensor ids = ids(expected.get("input_ids"));
      Tensor hidden = decoder.hidden(ids);
      Tensor logits = decoder.logits(hidden);
      logits(
          found, "logits of the first row", logits.select(0, 0), expected.get("eval_logits_row0"));
      logits(
          found,
          "logits of the last positions",
          logits.select(1, -1),
          expected.get("eval_logits_last"));
      double loss = meanLoss(decoder, hidden, expected);
      found.add(
          new Deviation(
              "loss", Math.abs(loss - expected.get("eval_loss").asDouble()), GoldenCase.LOGITS));
      if (expected.has("long_ids")) {
        Tensor last = decoder.logits(decoder.hidden(ids(expected.get("long_ids"))).select(1, -1));
        logits(found, "logits behind a long input", last, expected.get("long_logits_last"));
      }
    }
  }

  private double meanLoss(Decoder decoder, Tensor hidden, JsonNode expected) {
    Tensor labels = ids(expected.get("labels"));
    return decoder.lossSum(hidden, labels, null).item() / supervised(labels);
  }

  private static double supervised(Tensor labels) {
    return labels.get(Ix.all(), Ix.from(1)).ne(-100).sum().item();
  }

  private void cache(GoldenCase golden, Decoder decoder, List<Deviation> found) {
    JsonNode expected = golden.expected();
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Tensor ids = ids(expected.get("input_ids"));
      try (var cache =
          new KvCache(decoder.config(), ids.size(0), ids.size(1), DType.FLOAT32, device)) {
        decoder.hidden(ids.narrow(1, 0, PREFILL), null, cache);
        double error = 0;
        int place = PREFILL;
        for (JsonNode wanted : expected.get("cached_logits_9_16")) {
          Tensor logits =
              decoder.logits(decoder.hidden(ids.narrow(1, place++, 1), null, cache).select(1, -1));
          error = GoldenCase.larger(error, GoldenCase.difference(logits, wanted));
        }
        found.add(new Deviation("logits with a cache", error, GoldenCase.LOGITS));
      }
    }
  }

  private void padding(GoldenCase golden, Decoder decoder, List<Deviation> found) {
    JsonNode expected = golden.expected();
    try (var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      Tensor ids = ids(expected.get("input_ids"));
      Tensor padding = ids(expected.get("attention_mask")).eq(0).sum(1, true); // [B, 1]
      Tensor firstKey = padding.expandAs(ids).contiguous(); // [B, T]
      Tensor last = decoder.logits(decoder.hidden(ids, firstKey, null).select(1, -1));
      logits(found, "logits behind left padding", last, expected.get("masked_logits_last"));
    }
  }

  private void training(GoldenCase golden, Decoder decoder, List<Deviation> found) {
    JsonNode expected = golden.expected();
    decoder.training(true);
    try (var scope = TensorScope.open()) {
      Activations done = decoder.forward(ids(expected.get("input_ids")), null, null);
      Tensor labels = ids(expected.get("labels"));
      Tensor loss = decoder.lossSum(done.hidden(), labels, null).div(supervised(labels));
      double aux = done.auxLoss() == null ? 0 : done.auxLoss().item();
      found.add(error("training loss", loss.item(), expected.get("train_loss")));
      found.add(error("auxiliary loss", aux, expected.get("train_aux_loss")));
      (done.auxLoss() == null ? loss : loss.add(done.auxLoss())).backward();
      Map<String, Tensor> gradients = new LinkedHashMap<>();
      decoder.parameters().forEach((name, parameter) -> gradients.put(name, parameter.grad()));
      double error = GoldenCase.normAndSumDifference(gradients, expected.get("grad_norm_and_sum"));
      found.add(new Deviation("gradients' norms and sums, relative", error, GoldenCase.GRADIENTS));
    }
  }

  private static void half(GoldenCase golden, List<Deviation> found) {
    var file = golden.folder().resolve("init_half.pth");
    if (!Files.exists(file)) return;
    try (Decoder halved = DecoderFiles.readAs(file, GoldenDecoders.config(golden), Device.CPU);
        Decoder whole = GoldenDecoders.read(golden, "init.safetensors", Device.CPU);
        var scope = TensorScope.open();
        var no = NoGrad.enter()) {
      double error = 0;
      for (var entry : whole.parameters().entrySet()) {
        Tensor rounded = entry.getValue().to(DType.FLOAT16).to(DType.FLOAT32);
        Tensor read = halved.parameters().get(entry.getKey());
        error = GoldenCase.larger(error, rounded.sub(read).abs().max().item());
      }
      found.add(new Deviation("init_half.pth against rounded weights", error, 0));
    }
  }

  private Tensor ids(JsonNode rows) {
    return GoldenCase.integers(rows).to(device);
  }

  private static void logits(List<Deviation> found, String what, Tensor actual, JsonNode wanted) {
    found.add(new Deviation(what, GoldenCase.difference(actual, wanted), GoldenCase.LOGITS));
  }

  private static Deviation error(String what, double actual, JsonNode wanted) {
    return new Deviation(what, Math.abs(actual - wanted.asDouble()), GoldenCase.LOGITS);
  }
}
