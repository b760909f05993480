package io.measureflow.cli;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.core.config.Backends;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow backends}. */
final class BackendsCommand implements Command {

  @Override
  public String name() {
    return "backends";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description("Lists the backends, whether each can be used here, and on which devices.");
  }

  @Override
  public int run(ParseResult arguments) {
    for (BackendProvider provider : Backends.onClassPath().providers()) {
      switch (provider.availability()) {
        case Availability.Available(String version, List<Device> devices) -> {
          System.out.println(provider.name() + ": available");
          line("version", version);
          for (Device device : devices) {
            line(
                "device",
                device.id()
                    + ": "
                    + device.description()
                    + ", "
                    + device.parallelism()
                    + (device.parallelism() == 1 ? " thread" : " threads")
                    + (device.memoryBytes() > 0 ? ", " + memory(device.memoryBytes()) : ""));
          }
        }
        case Availability.Unavailable(String reason) -> {
          System.out.println(provider.name() + ": not available");
          line("reason", reason);
        }
      }
      line(
          "precision",
          String.join(", ", provider.precisions().stream().map(Precision::key).toList()));
      line(
          "choose it by",
          "--backend " + provider.name() + ", or measureflow.backend = " + provider.name());
    }
    return 0;
  }

  private static String memory(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB of memory", bytes / (double) (1L << 30));
  }

  private static void line(String name, String value) {
    System.out.print(String.format(Locale.ROOT, "  %-13s %s%n", name, value));
  }
}
