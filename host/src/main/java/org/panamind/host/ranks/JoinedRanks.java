package org.panamind.host.ranks;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.panamind.dataset.order.RankShare;
import org.panamind.host.launch.LauncherLink;
import org.panamind.host.launch.RankEnvironment;
import org.panamind.torch.Backend;
import org.panamind.torch.Device;
import org.panamind.torch.GradientReducer;
import org.panamind.torch.ProcessGroup;
import org.panamind.torch.Reduction;
import org.panamind.torch.SharedParameters;
import org.panamind.torch.Store;
import org.panamind.torch.Tensor;
import org.panamind.torch.TensorScope;

/** Ranks in processes of their own, joined by c10d: Gloo on the CPU, NCCL on CUDA. */
public final class JoinedRanks implements Ranks {
  private static final String LAUNCH = "launch";

  private final RankEnvironment place;
  private final Device device;
  private final Store server;
  private final Store store;
  private final ProcessGroup group;
  private final CollectiveWatchdog watchdog;
  private final LauncherLink link;
  private final String runId;
  private long texts;

  private JoinedRanks(
      RankEnvironment place, Device device, Store server, Store store, ProcessGroup group) {
    this.place = place;
    this.device = device;
    this.server = server;
    this.store = store;
    this.group = group;
    this.watchdog = new CollectiveWatchdog(group);
    this.link = LauncherLink.open(System.getenv());
    this.runId = fromFirst(place.agentStore() && isFirst() ? agentsId() : place.runId());
  }

  /**
   * torchrun names a launch "none" unless told otherwise; what its agent's store holds is unique.
   */
  private String agentsId() {
    try (var launch = server.withPrefix("panamind")) {
      if (!launch.contains(LAUNCH)) launch.set(LAUNCH, UUID.randomUUID().toString());
      return launch.getText(LAUNCH);
    }
  }

  /**
   * Joins the others and returns when all are there.
   *
   * @param device of the gradients
   * @param timeout of joining and of each collective
   * @throws org.panamind.torch.DistributedException if not all came in time
   */
  public static JoinedRanks join(RankEnvironment place, Device device, Duration timeout) {
    boolean serves = place.rank() == 0 && !place.agentStore();
    var server =
        serves
            ? Store.serve(place.masterAddr(), place.masterPort(), timeout)
            : Store.connect(place.masterAddr(), place.masterPort(), timeout);
    // torchrun's agent keeps its store over restarts; what an earlier attempt left must not be
    // read.
    var store = server.withPrefix("/worker/attempt_" + place.attempt());
    try (var meeting = store.withPrefix("group")) {
      var group =
          ProcessGroup.open(meeting, Backend.of(device), place.rank(), place.world(), timeout);
      return new JoinedRanks(place, device, server, store, group);
    }
  }

  @Override
  public RankShare share() {
    return new RankShare(place.rank(), place.world());
  }

  @Override
  public int attempt() {
    return place.attempt();
  }

  @Override
  public String runId() {
    return runId;
  }

  @Override
  public double[] sum(double... values) {
    try (var scope = TensorScope.open()) {
      var all = Tensor.of(values, values.length).to(device);
      return group.allReduce(all, Reduction.SUM).toDoubleArray();
    }
  }

  @Override
  public String fromFirst(String text) {
    var key = "text-" + texts++;
    if (isFirst()) store.set(key, text.getBytes(StandardCharsets.UTF_8));
    return store.getText(key);
  }

  @Override
  public Tensor[] gather(Tensor tensor) {
    var parts = group.allGather(tensor.to(device));
    for (int i = 0; i < parts.length; i++) parts[i] = parts[i].to(Device.CPU);
    return parts;
  }

  @Override
  public void broadcast(Collection<Tensor> tensors, int root) {
    SharedParameters.broadcast(group, tensors, root);
  }

  @Override
  public void requireEqual(String what, Map<String, Tensor> tensors) {
    SharedParameters.requireEqual(group, what, tensors);
  }

  @Override
  public Optional<GradientReducer> reducer(Collection<Tensor> parameters) {
    // An expert that no token of a rank was sent to has no gradient there.
    return Optional.of(
        reducer(parameters, GradientReducer.Settings.DEFAULT.withSum().withUnused()));
  }

  /** The same with buckets of other sizes, for measurements. */
  public GradientReducer reducer(Collection<Tensor> parameters, GradientReducer.Settings settings) {
    return GradientReducer.open(group, parameters, settings);
  }

  @Override
  public void step(long step) {
    watchdog.step(step);
    link.step(step);
  }

  @Override
  public void close() {
    watchdog.close();
    group.close();
    store.close();
    server.close();
    link.close();
  }
}
