package org.panamind.host.doctor;

import java.util.List;
import java.util.stream.Collectors;
import org.panamind.host.Command;
import org.panamind.host.ExitCode;
import org.panamind.host.HostEnvironment;
import org.panamind.stage.Console;
import org.panamind.torch.Device;
import org.panamind.torch.NativeLibraryException;
import org.panamind.torch.Torch;

/**
 * {@code host doctor}: LibTorch, devices, collectives, threads, BLAS, and what would have to be
 * installed for more.
 */
public final class DoctorCommand implements Command<DoctorCommand.Options> {

  /** Nothing to choose. */
  public record Options() {
    static final Options DEFAULT = new Options();
  }

  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public String summary() {
    return "tells what this machine has and what is missing";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ExitCode run(Options options, List<String> arguments, HostEnvironment environment) {
    Console console = environment.console();
    console.info("Java        " + Runtime.version() + ", " + System.getProperty("java.home"));
    console.info(
        "system      " + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    console.info("processors  " + Runtime.getRuntime().availableProcessors());
    try {
      torch(console);
    } catch (NativeLibraryException e) {
      console.info("LibTorch    missing: " + e.getMessage());
      return ExitCode.INTERNAL;
    }
    return ExitCode.OK;
  }

  private static void torch(Console console) {
    var features = Torch.features();
    console.info("LibTorch    " + Torch.version() + ", " + Torch.opNames().size() + " operators");
    console.info("threads     " + Torch.threads() + " for one operator");
    console.info("BLAS        " + blas(Torch.buildInfo()));
    int gpus = Device.cudaCount();
    for (int i = 0; i < gpus; i++)
      console.info("cuda:" + i + "      " + Device.cuda(i).description());
    if (gpus == 0) {
      console.info(
          "CUDA        "
              + (features.cuda()
                  ? "none seen; is the driver there (nvidia-smi)?"
                  : "not in this build: set LIBTORCH to a LibTorch with CUDA and run mvn -pl"
                      + " native,bindings install"));
    }
    console.info(
        "Gloo        "
            + (features.gloo()
                ? "built in: several ranks on CPUs"
                : "not built in: install libgloo-dev and rebuild"));
    console.info(
        "NCCL        "
            + (features.nccl()
                ? "built in: one rank a GPU"
                : "not built in: needs a LibTorch with CUDA and nccl.h"));
  }

  /** The lines of torch's own report that speak of matrix libraries and threads. */
  private static String blas(String info) {
    var found =
        info.lines()
            .map(line -> line.strip().replaceFirst("^- ", ""))
            .filter(line -> line.matches("(?i).*(blas|mkl|eigen|openmp|parallel backend).*"))
            .map(
                line ->
                    line.length() > 100
                        ? line.replaceFirst("(?i).*(BLAS_INFO=\\w+).*", "$1")
                        : line)
            .distinct()
            .limit(4)
            .collect(Collectors.joining("; "));
    return found.isEmpty() ? "not told by this build" : found;
  }
}
