package org.panamind.host.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RankOutputTest {
  @Test
  void putsTheRankBeforeEachLineAndEndsTheLastOne() throws Exception {
    assertEquals(
        "[1] eins\n[1] zw\u00f6lf\n[1] \n[1] cut\n", copy("eins\nzw\u00f6lf\n\ncut", false, false));
  }

  @Test
  void clearsTheBarOfAnotherRankFirst() throws Exception {
    assertEquals("\r\u001b[2K[1] line\n", copy("line\n", false, true));
  }

  @Test
  void passesABarOnAsItIsDrawn() throws Exception {
    assertEquals(
        "[1] 10%\r[1] 20%\r\u001b[2K[1] line\n", copy("10%\r20%\r\u001b[2Kline\n", true, true));
  }

  private static String copy(String text, boolean draws, boolean besideABar) throws Exception {
    var bytes = new ByteArrayOutputStream();
    var target = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    new RankOutput(1, target, new Object(), draws, besideABar)
        .copy(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
        .join();
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
