package org.panamind.host.house;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Main;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FormatTest {
  /** {@code mvn -pl host test -Dtest=FormatTest -Dformat.fix=true} rewrites the files instead. */
  @Test
  void everyFileIsAsGoogleJavaFormatWritesIt() throws Exception {
    boolean fix = Boolean.getBoolean("format.fix");
    List<String> arguments = new ArrayList<>(List.of(fix ? "--replace" : "--dry-run"));
    Repository.javaFiles().forEach(file -> arguments.add(file.toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    new Main(new PrintWriter(out, true), new PrintWriter(err, true), InputStream.nullInputStream())
        .format(arguments.toArray(String[]::new));
    assertEquals("", err.toString());
    assertEquals("", out.toString(), "not formatted; run again with -Dformat.fix=true");
  }
}
