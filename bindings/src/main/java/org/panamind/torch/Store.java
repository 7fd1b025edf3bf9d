package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.panamind.torch.ffi.Panamind;

/**
 * A key-value store that all ranks share, over which they find each other: c10d's TCPStore, a
 * server in one process and a client in each. Keys set by one rank can be awaited by the others.
 *
 * <p>All failures are {@link DistributedException}s.
 */
public final class Store implements AutoCloseable {
  private final NativeHandle handle;
  private final String host;
  private final int port;
  private final Duration timeout;

  private Store(MemorySegment pointer, String host, int port, Duration timeout) {
    this.handle = new NativeHandle("store", pointer, Panamind::pm_store_free);
    this.host = host;
    this.port = port;
    this.timeout = timeout;
  }

  /**
   * Starts a server in this process and connects to it.
   *
   * @param host name of this machine by which the others reach it
   * @param port 0 for a free one, see {@link #port()}
   * @param timeout how long this and each later call may wait
   */
  public static Store serve(String host, int port, Duration timeout) {
    return open(host, port, true, timeout);
  }

  /**
   * Connects to the server of another process, and waits for it to start.
   *
   * @param timeout how long this and each later call may wait
   */
  public static Store connect(String host, int port, Duration timeout) {
    return open(host, port, false, timeout);
  }

  private static Store open(String host, int port, boolean server, Duration timeout) {
    var scratch = Scratch.get();
    scratch.reset();
    var bound = scratch.out.asSlice(8);
    Status.check(
        Panamind.pm_store_open(
            scratch.text(host), port, server ? 1 : 0, timeout.toMillis(), scratch.out, bound));
    return new Store(scratch.out.get(ADDRESS, 0), host, bound.get(JAVA_INT, 0), timeout);
  }

  /**
   * The same store with {@code prefix} and a slash before every key; to be closed as well, in any
   * order.
   */
  public Store withPrefix(String prefix) {
    var scratch = Scratch.get();
    scratch.reset();
    Status.check(Panamind.pm_store_prefix(handle.get(), scratch.text(prefix), scratch.out));
    return new Store(scratch.out.get(ADDRESS, 0), host, port, timeout);
  }

  /** The machine on which the server runs. */
  public String host() {
    return host;
  }

  /** The server's port. */
  public int port() {
    return port;
  }

  MemorySegment pointer() {
    return handle.get();
  }

  /** Sets a key. */
  public void set(String key, byte[] value) {
    var scratch = Scratch.get();
    scratch.reset();
    try (var arena = Arena.ofConfined()) {
      var data = arena.allocate(Math.max(1, value.length));
      MemorySegment.copy(value, 0, data, JAVA_BYTE, 0, value.length);
      Status.check(Panamind.pm_store_set(handle.get(), scratch.text(key), data, value.length));
    }
  }

  /** Sets a key to UTF-8 text. */
  public void set(String key, String value) {
    set(key, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The value of a key, once it is there. */
  public byte[] get(String key) {
    return get(key, timeout);
  }

  /**
   * The value of a key, once it is there.
   *
   * @param timeout how long to wait for it, instead of the store's
   */
  public byte[] get(String key, Duration timeout) {
    var scratch = Scratch.get();
    scratch.reset();
    var name = scratch.text(key);
    try (var arena = Arena.ofConfined()) {
      var needed = arena.allocate(JAVA_LONG);
      var data = arena.allocate(256);
      long millis = timeout.toMillis();
      var store = handle.get();
      Status.check(Panamind.pm_store_get(store, name, millis, data, data.byteSize(), needed));
      while (needed.get(JAVA_LONG, 0) > data.byteSize()) {
        data = arena.allocate(needed.get(JAVA_LONG, 0));
        Status.check(Panamind.pm_store_get(store, name, millis, data, data.byteSize(), needed));
      }
      return data.asSlice(0, needed.get(JAVA_LONG, 0)).toArray(JAVA_BYTE);
    }
  }

  /** The value of a key as UTF-8 text, once it is there. */
  public String getText(String key) {
    return new String(get(key), StandardCharsets.UTF_8);
  }

  /**
   * Waits until a key is there.
   *
   * @param timeout how long, instead of the store's
   */
  public void await(String key, Duration timeout) {
    var scratch = Scratch.get();
    scratch.reset();
    Status.check(Panamind.pm_store_wait(handle.get(), scratch.text(key), timeout.toMillis()));
  }

  /**
   * Adds to a counter that starts at 0, in one step for all ranks.
   *
   * @return its new value
   */
  public long add(String key, long amount) {
    var scratch = Scratch.get();
    scratch.reset();
    Status.check(Panamind.pm_store_add(handle.get(), scratch.text(key), amount, scratch.out));
    return scratch.out.get(JAVA_LONG, 0);
  }

  /** Whether a key is there. */
  public boolean contains(String key) {
    var scratch = Scratch.get();
    scratch.reset();
    Status.check(Panamind.pm_store_contains(handle.get(), scratch.text(key), scratch.out));
    return scratch.out.get(JAVA_INT, 0) != 0;
  }

  /**
   * Ends the connection, and the server where it runs in this process: last of all, when the others
   * no longer need it. A group that was opened over it holds it until its own end.
   */
  @Override
  public void close() {
    handle.close();
  }
}
