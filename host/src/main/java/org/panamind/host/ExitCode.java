package org.panamind.host;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Optional;
import org.panamind.dataset.DataException;
import org.panamind.model.ModelConfigException;
import org.panamind.model.weights.WeightException;
import org.panamind.stage.StageException;
import org.panamind.torch.DistributedException;
import org.panamind.torch.TorchException;

/** The exit codes of the process, and the one table from families of errors to them. */
public enum ExitCode {
  /** Done. */
  OK(0),
  /** The command line or a config file is wrong. */
  USAGE(64),
  /** Data, weights or a checkpoint are wrong. */
  DATA(65),
  /** A fault of the program or of the native library. */
  INTERNAL(70),
  /** A file cannot be read or written. */
  IO(74),
  /** A rank failed or a collective timed out; trying again resumes. */
  RANK(75),
  /** The loss is not a number any more. */
  DIVERGED(77),
  /** Ended by SIGTERM with a checkpoint saved. */
  TERMINATED(143);

  private record Family(Class<? extends Throwable> type, ExitCode code) {}

  /** Families whose messages are written for the user. {@link StageException} has its own code. */
  private static final List<Family> FAMILIES =
      List.of(
          new Family(ModelConfigException.class, USAGE),
          new Family(DataException.class, DATA),
          new Family(WeightException.class, DATA),
          new Family(DistributedException.class, RANK),
          new Family(TorchException.class, INTERNAL),
          new Family(IOException.class, IO),
          new Family(UncheckedIOException.class, IO));

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The number that the process exits with. */
  public int number() {
    return number;
  }

  /**
   * Prints an error as its user should see it: one line, or the stack trace under {@code --debug}.
   *
   * @return the number to exit with
   */
  public static int report(Throwable error, boolean debug, PrintStream err) {
    if (debug) {
      error.printStackTrace(err);
    }
    if (error instanceof StageException known) {
      err.println("error: " + known.getMessage());
      return known.exitCode();
    }
    Optional<Family> family = FAMILIES.stream().filter(f -> f.type().isInstance(error)).findFirst();
    if (family.isPresent()) {
      err.println("error: " + message(error));
      return family.get().code().number();
    }
    String again = debug ? "" : "; run again with --debug for the stack trace";
    err.println("error: unexpected " + oneLine(error.toString()) + again);
    return INTERNAL.number();
  }

  /** What {@link #report} says, without the hint. */
  static String message(Throwable error) {
    return switch (error) {
      case UncheckedIOException wrapper when wrapper.getMessage().equals(wrapper.getCause() + "") ->
          message(wrapper.getCause());
      case NoSuchFileException e -> "no such file or folder: " + e.getFile();
      case AccessDeniedException e -> "no permission for " + e.getFile();
      case FileAlreadyExistsException e -> "in the way: " + e.getFile() + " is there already";
      case NotDirectoryException e -> "not a folder: " + e.getFile();
      case FileSystemException e -> "cannot use " + e.getFile() + ": " + e.getReason();
      default -> error.getMessage() == null ? error.toString() : error.getMessage();
    };
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse(text);
  }
}
