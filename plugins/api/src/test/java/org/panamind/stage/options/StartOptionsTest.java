package org.panamind.stage.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.model.Architecture;
import org.panamind.model.Decoder;
import org.panamind.model.DecoderFiles;
import org.panamind.model.Experts;
import org.panamind.model.ModelConfig;
import org.panamind.stage.ConfigException;
import org.panamind.stage.train.Compat;
import org.panamind.stage.trial.StageFolder;
import org.panamind.torch.DType;
import org.panamind.torch.Device;

class StartOptionsTest {
  private static final StartOptions PRETRAIN = StartOptions.from("pretrain");
  @TempDir Path temporary;
  private StageFolder folder;

  @BeforeEach
  void makeFolder() {
    folder = new StageFolder(temporary);
  }

  private ModelConfig opened(StartOptions start, Compat compat) {
    try (Decoder decoder =
        start.decoder(start.file(temporary), StageFolder.VOCABULARY, compat, Device.CPU)) {
      return decoder.config();
    }
  }

  @Test
  void takesTheSizesOfTheWeights() {
    folder.weights("pretrain", StageFolder.sizes(32));
    assertEquals(StageFolder.sizes(32), opened(PRETRAIN, Compat.NONE));
  }

  @Test
  void choosesBySizeAndByExperts() {
    folder.weights("pretrain", StageFolder.sizes(32));
    folder.weights("pretrain", StageFolder.sizes(64));
    folder.weights("pretrain", StageFolder.sizes(64).with(Experts.MINIMIND2));
    var message = assertThrows(ConfigException.class, () -> PRETRAIN.file(temporary)).getMessage();
    assertTrue(message.contains("choose with --hidden_size"), message);
    var dense = new StartOptions("pretrain", 64, null, null, null, false, null);
    assertNull(opened(dense, Compat.NONE).experts());
    var mixed = new StartOptions("pretrain", 64, null, null, null, true, null);
    assertEquals(4, opened(mixed, Compat.NONE).experts().count());
  }

  @Test
  void takesHeadsOfFilesThatDoNotTellAndChecksThoseThatDo() {
    var file = temporary.resolve("old_32.pth");
    try (var decoder = Decoder.random(StageFolder.sizes(32), Device.CPU)) {
      DecoderFiles.writePth(file, decoder, DType.FLOAT16);
    }
    var four = new StartOptions("old", null, null, 4, null, false, null);
    assertEquals(8, opened(four, Compat.NONE).headWidth());
    assertEquals(2, opened(four, Compat.NONE).kvHeadCount());
    folder.weights("pretrain", StageFolder.sizes(32));
    var wrong = new StartOptions("pretrain", null, null, 8, null, false, null);
    var message =
        assertThrows(ConfigException.class, () -> opened(wrong, Compat.NONE)).getMessage();
    assertTrue(message.startsWith("--num_attention_heads is 8, but "), message);
  }

  @Test
  void changesDropoutWhereAsked() {
    folder.weights("pretrain", StageFolder.sizes(32));
    var dropped = new StartOptions("pretrain", null, null, null, null, false, 0.1);
    assertEquals(0.1, opened(dropped, Compat.NONE).dropout());
    assertThrows(
        ConfigException.class,
        () -> new StartOptions("pretrain", null, null, null, null, false, 1.0));
  }

  @Test
  void fixesTheRouterOnlyInMinimind3sForm() {
    var random = new StartOptions(null, 64, 1, null, Architecture.MINIMIND3, true, null);
    assertEquals(
        Experts.Renormalise.ABOVE_ONE, opened(random, Compat.NONE).experts().renormalise());
    assertEquals(
        Experts.Renormalise.ALWAYS, opened(random, Compat.MINIMIND3).experts().renormalise());
    folder.weights("pretrain", opened(random, Compat.NONE));
    var saved = new StartOptions("pretrain", null, null, null, null, true, null);
    assertEquals(
        Experts.Renormalise.ALWAYS, opened(saved, Compat.MINIMIND3).experts().renormalise());
  }

  @Test
  void refusesATokenizerWithMoreIdsThanTheWeights() {
    folder.weights("pretrain", StageFolder.sizes(32));
    var message =
        assertThrows(
                ConfigException.class,
                () -> PRETRAIN.decoder(PRETRAIN.file(temporary), 500, Compat.NONE, Device.CPU))
            .getMessage();
    assertTrue(message.startsWith("the tokenizer has 500 ids, "), message);
  }

  @Test
  void minimind3sOptionsHaveItsSizes() {
    var options =
        new ModelOptions(Architecture.MINIMIND3, 768, 8, 8, 4, null, null, false, 32768, 1e6, 0);
    assertEquals(ModelConfig.MINIMIND3, options.toConfig(6400, Compat.NONE));
    assertEquals(ModelConfig.DEFAULT, ModelOptions.DEFAULT.toConfig(6400, Compat.NONE));
  }
}
