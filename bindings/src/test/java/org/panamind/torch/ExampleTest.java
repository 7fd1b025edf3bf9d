package org.panamind.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that the README shows compiles and does what it says. */
class ExampleTest {
  private static final Pattern LOSS = Pattern.compile("step +(\\d+) +loss (\\d+\\.\\d+)");

  @TempDir private Path classes;

  /** Only so that the child has a main class by this name; it calls the example's. */
  static final class Run {
    private Run() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
      Class.forName("FitCurve")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
      System.out.println("live " + Tensor.liveCount());
    }
  }

  @Test
  void fitsTheSineAndLeavesNothingBehind() {
    var source = Path.of("examples", "FitCurve.java");
    var path = System.getProperty("java.class.path");
    var errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                errors,
                errors,
                "-d",
                classes.toString(),
                "-cp",
                path,
                "-Xlint:all",
                source.toString());
    assertEquals(0, status, errors.toString());
    var child = ChildJvm.run(classes + File.pathSeparator + path, Run.class);
    assertEquals(0, child.exitCode(), child.output());
    var losses =
        LOSS.matcher(child.output())
            .results()
            .mapToDouble(found -> Double.parseDouble(found.group(2)))
            .toArray();
    assertEquals(7, losses.length, child.output());
    assertTrue(losses[6] < losses[0] / 50, child.output());
    assertTrue(child.output().endsWith("live 0\n"), child.output());
  }
}
