package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;
import org.panamind.torch.NoGrad;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;
import org.panamind.torch.Torch;
import org.panamind.torch.TorchException;

/** Caches, limits and memory of a decoder. */
class DecoderTest {
  private static final ModelConfig SMALL =
      ModelConfig.minimind2(50, 32, 2, 4, 2, 0, 64, 1e6, null, 0);

  private static Decoder seeded(ModelConfig config) {
    Generators.seed(7);
    return Decoder.random(config, Device.CPU);
  }

  @Test
  void anyCutOfTheSequenceGivesTheSameLogits() {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var decoder = seeded(SMALL)) {
      var ids = Torch.randint(0, 50, Device.CPU, 2, 20);
      var whole = decoder.logits(decoder.hidden(ids)).toFloatArray();
      for (int cut : new int[] {1, 3, 7}) {
        try (var cache = new KvCache(SMALL, 2, 20, DType.FLOAT32, Device.CPU)) {
          var parts = new ArrayList<Tensor>();
          for (int from = 0; from < 20; from += cut) {
            var part = ids.narrow(1, from, Math.min(cut, 20 - from));
            parts.add(decoder.logits(decoder.hidden(part, null, cache)));
          }
          assertEquals(20, cache.length());
          assertArrayEquals(whole, Torch.cat(parts, 1).toFloatArray(), 1e-5f, "pieces of " + cut);
        }
      }
    }
  }

  @Test
  void greedyTextRepeats() {
    try (var decoder = seeded(SMALL)) {
      var first = text(decoder, Sampling.GREEDY);
      assertEquals(30, first.size());
      assertEquals(first, text(decoder, Sampling.GREEDY));
    }
  }

  @Test
  void equalSeedsDrawEqualText() {
    try (var decoder = seeded(SMALL)) {
      Generators.seed(3);
      var first = text(decoder, Sampling.DEFAULT);
      Generators.seed(3);
      assertEquals(first, text(decoder, Sampling.DEFAULT));
    }
  }

  private static List<Long> text(Decoder decoder, Sampling sampling) {
    var said = new ArrayList<Long>();
    new TextGenerator(decoder).generate(new long[] {1, 2, 3}, 30, -1, sampling, said::add);
    return said;
  }

  @Test
  void textEndsAtItsEndTheListenersWordOrTheLongestSequence() {
    try (var decoder = seeded(SMALL)) {
      var generator = new TextGenerator(decoder);
      var greedy = text(decoder, Sampling.GREEDY);
      long end = greedy.get(4);
      int before = greedy.indexOf(end);
      long[] prompt = {1, 2, 3};
      assertEquals(before, generator.generate(prompt, 30, end, Sampling.GREEDY, id -> true));
      assertEquals(2, generator.generate(prompt, 30, -1, Sampling.GREEDY, new Countdown(2)::next));
      assertEquals(61, generator.generate(prompt, 99, -1, Sampling.GREEDY, id -> true));
      assertThrows(
          ModelConfigException.class,
          () -> generator.generate(new long[0], 3, -1, Sampling.GREEDY, id -> true));
    }
  }

  private static final class Countdown {
    private int left;

    Countdown(int left) {
      this.left = left;
    }

    boolean next(long id) {
      return --left > 0;
    }
  }

  @Test
  void fullCacheRefusesMore() {
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var decoder = seeded(SMALL);
        var cache = new KvCache(SMALL, 1, 4, DType.FLOAT32, Device.CPU)) {
      decoder.hidden(Tensor.of(new long[] {1, 2, 3}, 1, 3), null, cache);
      var more = Tensor.of(new long[] {1, 2}, 1, 2);
      var e = assertThrows(ModelConfigException.class, () -> decoder.hidden(more, null, cache));
      assertTrue(e.getMessage().contains("holds 3 of 4"), e.getMessage());
      cache.clear();
      decoder.hidden(more, null, cache);
      assertEquals(2, cache.length());
    }
  }

  @Test
  void misfitsAreRefused() {
    try (var scope = TensorScope.open();
        var decoder = seeded(SMALL)) {
      var longer = Torch.zeros(DType.INT64, Device.CPU, 1, 65);
      var e = assertThrows(ModelConfigException.class, () -> decoder.hidden(longer));
      assertTrue(e.getMessage().contains("65 tokens exceeds max_position_embeddings 64"));
      var unknown = Tensor.of(new long[] {50}, 1, 1);
      assertThrows(TorchException.class, () -> decoder.hidden(unknown));
      var ids = Torch.zeros(DType.INT64, Device.CPU, 2, 3);
      var firstKey = Torch.zeros(DType.INT64, Device.CPU, 2, 4);
      assertThrows(TorchException.class, () -> decoder.hidden(ids, firstKey, null));
    }
  }

  @Test
  void configNamesTheFlagThatIsWrong() {
    assertMessage("--hidden_size 30 is not a multiple of --num_attention_heads 4", 30, 4, 2);
    assertMessage("--num_attention_heads 4 is not a multiple of --num_key_value_heads 3", 32, 4, 3);
    assertMessage("heads of width 3", 12, 4, 2);
    assertEquals(1408, ModelConfig.DEFAULT.feedForwardSize());
    assertEquals(25_829_888, ModelConfig.DEFAULT.parameterCount());
  }

  private static void assertMessage(String part, int hidden, int heads, int kvHeads) {
    var e =
        assertThrows(
            ModelConfigException.class,
            () -> ModelConfig.minimind2(50, hidden, 2, heads, kvHeads, 0, 64, 1e6, null, 0));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void dropoutActsInTrainingOnly() {
    var config = ModelConfig.minimind2(50, 32, 2, 4, 2, 0, 64, 1e6, null, 0.5);
    try (var scope = TensorScope.open();
        var no = NoGrad.enter();
        var decoder = seeded(config)) {
      var ids = Tensor.of(new long[] {1, 2, 3}, 1, 3);
      assertTrue(decoder.hidden(ids).equalTo(decoder.hidden(ids)));
      decoder.training(true);
      assertTrue(!decoder.hidden(ids).equalTo(decoder.hidden(ids)));
    }
  }

  @Test
  void nothingLeaks() {
    long before = Tensor.liveCount();
    try (var decoder = seeded(SMALL)) {
      try (var scope = TensorScope.open()) {
        var ids = Torch.randint(0, 50, Device.CPU, 2, 9);
        decoder.lossSum(decoder.hidden(ids), ids, null).backward();
      }
      text(decoder, Sampling.DEFAULT);
      for (var parameter : decoder.parameters().values()) parameter.grad(null);
    }
    assertEquals(before, Tensor.liveCount());
  }
}
