package org.panamind.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.panamind.torch.ffi.Panamind;

/**
 * The ranks that compute together, one process each, and their collectives: c10d's process groups.
 * All ranks call the collectives in the same order, with tensors of the same size and type; tensors
 * are contiguous and on the backend's kind of device. Not differentiable.
 *
 * <p>A failure is a {@link DistributedException}, after which the group is of no further use. Over
 * Gloo, a rank that receives more than it expects, because another called a collective of another
 * size, cannot even do that: its process says so on standard error and ends with exit code 75.
 */
public final class ProcessGroup implements AutoCloseable {
  /**
   * A collective under way.
   *
   * @param description operation, bytes, its number in the order of this group, rank and backend
   * @param age since its start
   */
  public record InFlight(String description, Duration age) {}

  private final NativeHandle handle;
  private final Backend backend;
  private final int rank;
  private final int size;
  private final Duration timeout;

  private ProcessGroup(
      MemorySegment pointer, Backend backend, int rank, int size, Duration timeout) {
    this.handle = new NativeHandle("process group", pointer, Panamind::pm_group_free);
    this.backend = backend;
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
  }

  /**
   * Joins the group and returns when all ranks are connected. On one machine (the store's host is
   * the loopback) Gloo uses the loopback; else {@code GLOO_SOCKET_IFNAME}'s interface or that of
   * the host name.
   *
   * @param store borrowed; each group needs a prefix of its own there
   * @param rank 0 to size - 1
   * @param timeout for this call and for each collective
   * @throws TorchException if the backend is not built in or the rank is out of bounds
   * @throws DistributedException if not all ranks came in time
   */
  public static ProcessGroup open(
      Store store, Backend backend, int rank, int size, Duration timeout) {
    var scratch = Scratch.get();
    scratch.reset();
    var name = scratch.text(backend.torchName());
    var address = scratch.text(isLoopback(store.host()) ? store.host() : "");
    Status.check(
        Panamind.pm_group_open(
            store.pointer(), name, address, rank, size, timeout.toMillis(), scratch.out));
    return new ProcessGroup(scratch.out.get(ADDRESS, 0), backend, rank, size, timeout);
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  /** This process's number. */
  public int rank() {
    return rank;
  }

  /** The number of processes. */
  public int size() {
    return size;
  }

  /** How long a collective may take. */
  public Duration timeout() {
    return timeout;
  }

  /** What carries the collectives. */
  public Backend backend() {
    return backend;
  }

  MemorySegment pointer() {
    return handle.get();
  }

  // ---- Collectives that wait ----

  /**
   * Reduces a tensor over all ranks in place.
   *
   * @return the same tensor
   */
  public Tensor allReduce(Tensor tensor, Reduction reduction) {
    startAllReduce(tensor, reduction).finish();
    return tensor;
  }

  /**
   * Copies root's elements into all other ranks' tensors.
   *
   * @return the same tensor
   */
  public Tensor broadcast(Tensor tensor, int root) {
    startBroadcast(tensor, root).finish();
    return tensor;
  }

  /**
   * The tensors of all ranks, in their order: [S] each becomes S[size] of that shape, parts of one
   * allocation, owned by the current scope.
   */
  public Tensor[] allGather(Tensor tensor) {
    long[] shape = tensor.shape();
    long[] all = new long[shape.length + 1];
    all[0] = size;
    System.arraycopy(shape, 0, all, 1, shape.length);
    var output = Torch.empty(tensor.dtype(), tensor.device(), all);
    startAllGather(output, tensor).finish();
    var parts = new Tensor[size];
    for (int i = 0; i < size; i++) parts[i] = output.select(0, i);
    return parts;
  }

  /**
   * Reduces a tensor of which each rank keeps one part, in the order of the ranks.
   *
   * @param tensor first axis divisible by the group's size, [size * n, ...]
   * @return [n, ...], owned by the current scope
   * @throws IllegalArgumentException if the first axis does not divide
   */
  public Tensor reduceScatter(Tensor tensor, Reduction reduction) {
    long[] shape = tensor.shape();
    if (shape.length == 0 || shape[0] % size != 0) {
      throw new IllegalArgumentException(
          "the first axis of " + Arrays.toString(shape) + " does not divide by " + size + " ranks");
    }
    shape[0] /= size;
    var output = Torch.empty(tensor.dtype(), tensor.device(), shape);
    startReduceScatter(output, tensor, reduction).finish();
    return output;
  }

  /** Returns when all ranks have called it. */
  public void barrier() {
    Collective.start(out -> Panamind.pm_group_barrier(handle.get(), out)).finish();
  }

  // ---- The same, started only ----

  /** Starts {@link #allReduce}. */
  public Collective startAllReduce(Tensor tensor, Reduction reduction) {
    return Collective.start(
        out ->
            Panamind.pm_group_all_reduce(handle.get(), tensor.pointer(), reduction.number(), out));
  }

  /** Starts {@link #broadcast}. */
  public Collective startBroadcast(Tensor tensor, int root) {
    return Collective.start(
        out -> Panamind.pm_group_broadcast(handle.get(), tensor.pointer(), root, out));
  }

  /**
   * Starts gathering into a given tensor.
   *
   * @param output size times as many elements as {@code input}, of its type
   */
  public Collective startAllGather(Tensor output, Tensor input) {
    return Collective.start(
        out -> Panamind.pm_group_all_gather(handle.get(), output.pointer(), input.pointer(), out));
  }

  /**
   * Starts reducing {@code input}, of which this rank's part goes to {@code output}. Over Gloo,
   * which lacks this collective, a copy of the whole is reduced, and the part is written by {@link
   * Collective#await()}.
   *
   * @param input size times as many elements as {@code output}, of its type
   */
  public Collective startReduceScatter(Tensor output, Tensor input, Reduction reduction) {
    return Collective.start(
        out ->
            Panamind.pm_group_reduce_scatter(
                handle.get(), output.pointer(), input.pointer(), reduction.number(), out));
  }

  // ---- Watching ----

  /**
   * The oldest collective of this group that has not ended, those of a {@link GradientReducer}
   * included. For a watchdog: any thread may ask while others compute. Empty on a closed group.
   */
  public Optional<InFlight> inFlight() {
    synchronized (handle) {
      if (handle.isClosed()) return Optional.empty();
      var group = handle.get();
      try (var arena = Arena.ofConfined()) {
        var age = arena.allocate(JAVA_LONG);
        var text =
            NativeText.read(
                (buffer, capacity, needed) ->
                    Panamind.pm_group_in_flight(group, buffer, capacity, needed, age));
        if (text.isEmpty()) return Optional.empty();
        return Optional.of(new InFlight(text, Duration.ofMillis(age.get(JAVA_LONG, 0))));
      }
    }
  }

  /** Leaves the group; waits for collectives in flight, at most until they time out. */
  @Override
  public void close() {
    handle.close();
  }
}
