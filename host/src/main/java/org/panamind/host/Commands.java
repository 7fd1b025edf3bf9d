package org.panamind.host;

import java.util.List;
import java.util.Optional;
import org.panamind.host.bench.BenchCommand;
import org.panamind.host.chat.ChatCommand;
import org.panamind.host.data.DataCommand;
import org.panamind.host.doctor.DoctorCommand;
import org.panamind.host.eval.EvalCommand;
import org.panamind.host.export.ExportCommand;
import org.panamind.host.export.MergeLoraCommand;
import org.panamind.host.plot.PlotCommand;
import org.panamind.host.selftest.SelftestCommand;
import org.panamind.host.text.GenerateCommand;

/** All commands of the host, in the order of the help. A new command is a line in {@link #ALL}. */
final class Commands {
  static final List<Command<?>> ALL =
      List.of(
          new StagesCommand(),
          new GenerateCommand(),
          new ChatCommand(),
          new EvalCommand(),
          new DataCommand(),
          new PlotCommand(),
          new MergeLoraCommand(),
          new ExportCommand(),
          new SelftestCommand(),
          new DoctorCommand(),
          new BenchCommand());

  private Commands() {}

  static Optional<Command<?>> named(String name) {
    return ALL.stream().filter(command -> command.name().equals(name)).findFirst();
  }

  static List<String> names() {
    return ALL.stream().<String>map(Command::name).toList();
  }
}
