package io.measureflow.cli.compute;

import io.measureflow.Backends;
import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.cli.command.Command;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.command.Wiring;
import io.measureflow.config.BackendConfig;
import io.measureflow.config.BackendConfig.Candidate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code measureflow backends}. */
public final class BackendsCommand implements Command {

  @Override
  public String name() {
    return "backends";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage()
        .description(
            "Lists the backends: whether each is available, its devices, which one the"
                + " configuration chooses, and how to choose another.",
            "",
            "  measureflow backends",
            "  measureflow backends --config FILE");
    Setting.addGroup(spec, "Computing:", 1, Setting.COMPUTING);
    Setting.addConfiguration(spec, 2);
  }

  @Override
  public int run(ParseResult arguments) {
    Wiring wiring = Wiring.of(Setting.configuration(arguments));
    BackendConfig config = wiring.config().backend();
    Backends backends = wiring.backends();
    // Called once, as the answer may load drivers.
    var obstacles = new LinkedHashMap<Candidate, Optional<String>>();
    config.candidates().forEach(c -> obstacles.put(c, backends.obstacle(c)));
    Optional<Candidate> first =
        obstacles.entrySet().stream()
            .filter(entry -> entry.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .findFirst();
    boolean auto = config.name().equals(BackendConfig.AUTO);
    String chosen = auto ? first.map(Candidate::name).orElse("") : config.name();
    for (BackendProvider provider : backends.providers()) {
      describe(
          provider,
          config,
          !provider.name().equals(chosen)
              ? ""
              : ", chosen " + (auto ? "by auto, set " : "") + "by " + config.setBy());
    }
    System.out.println(
        "auto: " + first.map(candidate -> "takes " + candidate.name()).orElse("finds none"));
    obstacles.forEach(
        (candidate, obstacle) ->
            line(
                candidate.toString(),
                obstacle.map(reason -> "passed over: " + reason).orElse("can be used")));
    line("choose it by", "--backend auto, or measureflow.backend = auto");
    line("looks through", "measureflow.auto-backends, in that order");
    return 0;
  }

  private static void describe(BackendProvider provider, BackendConfig config, String chosen) {
    switch (provider.availability()) {
      case Availability.Available(String version, List<Device> devices) -> {
        System.out.println(provider.name() + ": available" + chosen);
        line("version", version);
        for (Device device : devices) {
          line("device", describe(device));
        }
        line("threads", threads(provider, config));
      }
      case Availability.Unavailable(String reason) -> {
        System.out.println(provider.name() + ": not available" + chosen);
        String[] lines = reason.split("\n *", -1);
        line("reason", lines[0]);
        for (int i = 1; i < lines.length; i++) {
          line("", lines[i]);
        }
      }
    }
    line(
        "precision",
        String.join(", ", provider.precisions().stream().map(Precision::key).toList()));
    line(
        "choose it by",
        "--backend " + provider.name() + ", or measureflow.backend = " + provider.name());
  }

  private static String describe(Device device) {
    return device.id()
        + ": "
        + device.description()
        + " ("
        + device.kind().key()
        + "), "
        + device.parallelism()
        + (device.kind() == Device.Kind.CPU ? " thread" : " compute unit")
        + (device.parallelism() == 1 ? "" : "s")
        + (device.memoryBytes() > 0 ? ", " + memory(device.memoryBytes()) : "");
  }

  private static String threads(BackendProvider provider, BackendConfig config) {
    if (!provider.heedsThreads()) {
      return "its own choice; --threads and measureflow.threads have no effect";
    }
    return config.threads().isPresent()
        ? "at most " + config.threads().getAsInt() + ", by --threads or measureflow.threads"
        : "at most one per processor; to change it: --threads, or measureflow.threads";
  }

  private static String memory(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB of memory", bytes / (double) (1L << 30));
  }

  private static void line(String name, String value) {
    System.out.print(String.format(Locale.ROOT, "  %-13s %s%n", name, value));
  }
}
