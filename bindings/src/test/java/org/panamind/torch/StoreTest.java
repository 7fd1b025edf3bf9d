package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoreTest {
  private static final Duration SECONDS = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  @Test
  void clientReadsWhatTheServerSet() {
    try (var server = Store.serve("127.0.0.1", 0, SECONDS);
        var client = Store.connect("127.0.0.1", server.port(), SECONDS)) {
      server.set("greeting", "grüß dich");
      assertEquals("grüß dich", client.getText("greeting"));
      assertTrue(client.contains("greeting"));
      assertFalse(client.contains("other"));
      server.set("empty", "");
      assertEquals(0, client.get("empty").length);
      var large = new byte[100_000];
      new Random(3).nextBytes(large);
      client.set("large", large);
      assertArrayEquals(large, server.get("large"));
      assertEquals(5, client.add("counter", 5));
      assertEquals(3, server.add("counter", -2));
    }
  }

  @Test
  void prefixesAreWorldsOfTheirOwn() {
    try (var store = Store.serve("127.0.0.1", 0, SECONDS);
        var one = store.withPrefix("one");
        var two = store.withPrefix("two")) {
      one.set("key", "1");
      assertFalse(two.contains("key"));
      assertEquals("1", store.getText("one/key"));
    }
  }

  @Test
  void missingKeyTimesOutAndTheStoreGoesOn() {
    try (var store = Store.serve("127.0.0.1", 0, SECONDS)) {
      var failure = assertThrows(DistributedException.class, () -> store.get("missing", SHORT));
      assertTrue(
          failure.getMessage().contains("'missing' did not appear within 0.2 s"),
          failure.getMessage());
      assertThrows(DistributedException.class, () -> store.await("missing", SHORT));
      store.set("missing", "here");
      assertEquals("here", store.getText("missing"));
    }
  }

  @Test
  void waiterIsWokenByALaterKey() throws InterruptedException {
    try (var server = Store.serve("127.0.0.1", 0, SECONDS);
        var client = Store.connect("127.0.0.1", server.port(), SECONDS)) {
      var setter =
          new Thread(
              () -> {
                try {
                  Thread.sleep(100);
                } catch (InterruptedException e) {
                  return;
                }
                server.set("late", "now");
              });
      setter.start();
      assertEquals("now", client.getText("late"));
      setter.join();
    }
  }

  @Test
  void absentServerIsNamed() {
    int port;
    try (var server = Store.serve("127.0.0.1", 0, SECONDS)) {
      port = server.port();
    }
    var failure =
        assertThrows(DistributedException.class, () -> Store.connect("127.0.0.1", port, SHORT));
    assertTrue(
        failure.getMessage().startsWith("store: cannot connect to 127.0.0.1:" + port),
        failure.getMessage());
  }

  @Test
  void closedStoreRefusesUse() {
    var store = Store.serve("127.0.0.1", 0, SECONDS);
    store.close();
    store.close();
    var refused = assertThrows(IllegalStateException.class, () -> store.set("key", "value"));
    assertEquals("this store is closed", refused.getMessage());
  }
}
