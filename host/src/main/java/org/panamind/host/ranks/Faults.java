package org.panamind.host.ranks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.panamind.stage.ConfigException;
import org.panamind.stage.train.StepLoss;
import org.panamind.torch.Tensor;

/**
 * Faults on purpose ({@code --fault}), to see that a run withstands them: {@code
 * nan@step=7,rank=1}. They strike in the first attempt of a launch only, so that a restarted run
 * can be seen to come through.
 *
 * @param planned those meant for this rank
 */
public record Faults(List<Planned> planned) {
  /** None. */
  public static final Faults NONE = new Faults(List.of());

  private static final Pattern FORM =
      Pattern.compile("([a-z_]+)@step=(\\d{1,12})(?:,rank=(\\d{1,4}))?");
  private static final int EXIT_CODE = 3;
  private static final double SPIKE = 1000;
  private static final long ARRIVAL_MILLIS = 1000;

  private static final String KINDS =
      Arrays.stream(Kind.values())
          .map(kind -> kind.name().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", "));

  /** What can go wrong. */
  public enum Kind {
    /** The loss is not a number. */
    NAN,
    /** The loss is infinite. */
    INF,
    /** The loss is a number, a thousand times what it should be. */
    SPIKE,
    /** The loss is a number, its gradient is not. */
    NAN_GRADIENT,
    /** The process is killed before its backward, which the others have begun. */
    KILL,
    /** The process is stopped there. */
    STOP,
    /** The process ends with exit code 3 there. */
    EXIT,
    /** The process is killed in the midst of writing a checkpoint. */
    KILL_SAVE,
    /** A checkpoint finds no room on the disk. */
    FULL_DISK,
    /** From here on gradients are not reduced over the ranks. */
    NO_REDUCE
  }

  /**
   * One fault.
   *
   * @param kind what
   * @param step in which update, from 1
   * @param rank on which rank
   */
  public record Planned(Kind kind, long step, int rank) {}

  /**
   * Reads the flag.
   *
   * @param text null for none; without a rank it is rank 0
   * @throws ConfigException if it is not of that form
   */
  public static Faults of(String text, Ranks ranks) {
    if (text == null || ranks.attempt() > 0) return NONE;
    List<Planned> here = new ArrayList<>();
    for (var part : text.split(";")) {
      var fault = parse(part.strip());
      boolean everywhere = fault.kind == Kind.NO_REDUCE;
      if (everywhere || fault.rank == ranks.share().rank()) here.add(fault);
    }
    return new Faults(List.copyOf(here));
  }

  private static Planned parse(String text) {
    var match = FORM.matcher(text);
    if (match.matches()) {
      for (var kind : Kind.values()) {
        if (!kind.name().toLowerCase(Locale.ROOT).equals(match.group(1))) continue;
        int rank = match.group(3) == null ? 0 : Integer.parseInt(match.group(3));
        return new Planned(kind, Long.parseLong(match.group(2)), rank);
      }
    }
    throw new ConfigException(
        "--fault is %s, must be like nan@step=7,rank=1; kinds are %s".formatted(text, KINDS));
  }

  private boolean strike(Kind kind, long step) {
    return planned.stream().anyMatch(fault -> fault.kind == kind && fault.step == step);
  }

  /** The loss, or what a fault makes of it. */
  public StepLoss spoil(StepLoss loss, long step) {
    double factor = 1;
    if (strike(Kind.SPIKE, step)) factor = SPIKE;
    if (strike(Kind.INF, step)) factor = Double.POSITIVE_INFINITY;
    if (strike(Kind.NAN, step)) factor = Double.NaN;
    return factor == 1 ? loss : loss.with(loss.sum().mul(factor));
  }

  /** What goes backward, or what a fault makes of it; null stays null. */
  public Tensor spoilGradient(Tensor root, long step) {
    return root == null || !strike(Kind.NAN_GRADIENT, step) ? root : root.mul(Double.NaN);
  }

  /** Whether gradients are kept apart by now. */
  public boolean reductionIsOff(long step) {
    return planned.stream().anyMatch(fault -> fault.kind == Kind.NO_REDUCE && fault.step <= step);
  }

  /** Ends or stops this process, if that is planned for this step. */
  public void strikeProcess(long step) {
    if (strike(Kind.EXIT, step)) Runtime.getRuntime().halt(EXIT_CODE);
    if (strike(Kind.KILL, step)) signal("KILL");
    if (strike(Kind.STOP, step)) signal("STOP");
  }

  /**
   * Kills this process, if that is planned for the checkpoint of this step.
   *
   * @throws IOException as of a full disk, if that is planned
   */
  public void strikeSave(long step) throws IOException {
    if (strike(Kind.FULL_DISK, step)) throw new IOException("No space left on device (--fault)");
    if (strike(Kind.KILL_SAVE, step)) signal("KILL");
  }

  private static void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
      // On a busy machine it arrives a moment later; nothing more is to be computed until then.
      Thread.sleep(ARRIVAL_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException("--fault cannot send SIG" + name + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
