package org.panamind.stage.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> KNOWN = List.of("batch_size", "data_path", "epochs", "seed");

  @Test
  void findsATypingError() {
    assertEquals(Optional.of("batch_size"), Nearest.to("bacth_size", KNOWN));
    assertEquals(Optional.of("epochs"), Nearest.to("epoch", KNOWN));
    assertEquals(Optional.of("data_path"), Nearest.to("datapath", KNOWN));
  }

  @Test
  void suggestsNothingWhereNothingIsNear() {
    assertEquals(Optional.empty(), Nearest.to("temperature", KNOWN));
    assertEquals("", Nearest.suggestion("temperature", KNOWN, "--"));
  }
}
