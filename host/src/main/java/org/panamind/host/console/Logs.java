package org.panamind.host.console;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * What libraries log: warnings to standard error, details under {@code --debug}. Logback finds this
 * class as a service; a configuration in code starts faster than one in XML.
 */
public final class Logs extends ContextAwareBase implements Configurator {
  private static final String DEBUG = "panamind.debug";

  /** Whether details are shown; to be called before the first line is logged. */
  public static void showDetails(boolean details) {
    System.setProperty(DEBUG, Boolean.toString(details));
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean details = Boolean.getBoolean(DEBUG);
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%-5level %logger{20}: %msg%n%ex");
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(details ? Level.DEBUG : Level.WARN);
    root.addAppender(appender);
    // A refused plugin is reported by the host, in one line.
    context.getLogger("org.pf4j").setLevel(details ? Level.DEBUG : Level.OFF);
    // The tokenizer library asks for GPUs, which it is not to use.
    context.getLogger("ai.djl.util.cuda").setLevel(details ? Level.DEBUG : Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
