package org.panamind.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.panamind.torch.DType;
import org.panamind.torch.Device;
import org.panamind.torch.Generators;

/** Continuing with a cache that outlives the call. */
class TextGeneratorTest {
  private static final ModelConfig CONFIG =
      ModelConfig.minimind2(50, 16, 2, 4, 2, 24, 64, 1e6, null, 0);
  private static final long NO_END = -1;

  @Test
  void aCacheThatHoldsTheBeginningChangesNothing() {
    long[] first = {3, 14, 15, 9};
    try (var decoder = random();
        var cache = new KvCache(CONFIG, 1, 64, DType.FLOAT32, Device.CPU)) {
      List<Long> answer = continued(decoder, first, cache, Sampling.GREEDY);
      assertEquals(fresh(decoder, first, Sampling.GREEDY), answer);
      assertEquals(first.length + answer.size() - 1, cache.length());
      long[] all = joined(first, answer);
      long[] second = joined(Arrays.copyOf(all, all.length - 3), List.of(7L, 8L));
      cache.truncate(all.length - 3);
      var penalising = new Sampling(0, 0, 1, 0, 1.3);
      assertEquals(
          fresh(decoder, second, penalising), continued(decoder, second, cache, penalising));
    }
  }

  @Test
  void aCacheMustLeaveATokenOfThePromptAndCanOnlyForget() {
    long[] prompt = {3, 14, 15};
    try (var decoder = random();
        var cache = new KvCache(CONFIG, 1, 64, DType.FLOAT32, Device.CPU)) {
      continued(decoder, prompt, cache, Sampling.GREEDY);
      assertThrows(
          ModelConfigException.class, () -> continued(decoder, prompt, cache, Sampling.GREEDY));
      assertThrows(ModelConfigException.class, () -> cache.truncate(cache.length() + 1));
      assertThrows(ModelConfigException.class, () -> cache.truncate(-1));
    }
  }

  private static Decoder random() {
    Generators.seed(5);
    return Decoder.random(CONFIG, Device.CPU);
  }

  private static List<Long> fresh(Decoder decoder, long[] prompt, Sampling sampling) {
    List<Long> ids = new ArrayList<>();
    new TextGenerator(decoder).generate(prompt, 10, NO_END, sampling, ids::add);
    return ids;
  }

  private static List<Long> continued(
      Decoder decoder, long[] prompt, KvCache cache, Sampling sampling) {
    List<Long> ids = new ArrayList<>();
    new TextGenerator(decoder).generate(prompt, cache, 10, NO_END, sampling, ids::add);
    return ids;
  }

  private static long[] joined(long[] ids, List<Long> more) {
    return LongStream.concat(Arrays.stream(ids), more.stream().mapToLong(Long::longValue))
        .toArray();
  }
}
