package org.panamind.host.plot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.panamind.dataset.DataException;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class ChartTest {
  @TempDir Path folder;

  private Path log(String run, String... rows) throws IOException {
    Files.createDirectories(folder.resolve(run));
    return Files.write(folder.resolve(run).resolve("metrics.jsonl"), List.of(rows));
  }

  @Test
  void readsTheRowsThatHaveTheColumn() throws IOException {
    var log =
        log("a", "{\"step\":1,\"loss\":2}", "{\"step\":2,\"eval\":9}", "{\"step\":3,\"loss\":4}");
    var curve = Curve.read(log, "loss");
    assertEquals("a", curve.name());
    assertArrayEquals(new double[] {1, 3}, curve.steps());
    assertArrayEquals(new double[] {2, 3}, curve.smooth(2).values());
  }

  @Test
  void namesTheColumnsThatThereAre() throws IOException {
    var log = log("a", "{\"step\":1,\"loss\":2}");
    var error = assertThrows(DataException.class, () -> Curve.read(log, "los"));
    assertEquals(log + ": no row has a number \"los\"; there are loss, step", error.getMessage());
    var other = log("b", "hello");
    error = assertThrows(DataException.class, () -> Curve.read(other, "loss"));
    assertEquals(other + ":1: no JSON; is this a metrics.jsonl?", error.getMessage());
  }

  @Test
  void putsTheGreatestValueHighest() throws Exception {
    var a = new Curve("a<b", new double[] {0, 10}, new double[] {0, 1});
    var b = new Curve("c", new double[] {0, 5}, new double[] {0.5, Double.NaN});
    var svg = new Chart(List.of(new Chart.Frame("reward", List.of(a, b)))).svg();
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    var lines = document.getElementsByTagName("polyline");
    assertEquals(2, lines.getLength());
    assertEquals("64.0,208.0 704.0,28.0 ", ((Element) lines.item(0)).getAttribute("points"));
    assertEquals("64.0,118.0 ", ((Element) lines.item(1)).getAttribute("points"));
    assertTrue(svg.contains("a&lt;b"));
  }

  @Test
  void ticksAreRound() {
    assertEquals(List.of(0.0, 20.0, 40.0, 60.0, 80.0), new Axis(0, 93, 0, 1).ticks());
    assertEquals(List.of(-1.0, 0.0, 1.0, 2.0), new Axis(-1.2, 2.9, 0, 1).ticks());
    assertEquals("0.25", Axis.label(0.25));
    assertEquals("100", Axis.label(100));
    assertEquals(0.9, Axis.of(1, 1, 0, 1).least());
  }
}
