package io.measureflow.cli.bench;

import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.bench.peers.PeerProcess;
import io.measureflow.cli.bench.peers.PeerScripts;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Ours in a JVM of its own, started as this one was. What a case takes of memory is then known, as
 * none was before it.
 */
final class OwnProcess implements Own, AutoCloseable {

  /** What belongs to the JVM of the command alone: descriptors, and what listens to it. */
  private static final List<String> NOT_INHERITED =
      List.of("-Dstandard.error", "-Dlauncher.ready", "-agentlib", "-javaagent");

  /** By name, as it knows this package. */
  private static final String MAIN = "io.measureflow.cli.Main";

  private final PeerProcess process;
  private double operations;

  /**
   * Starts the JVM.
   *
   * @param arguments the arguments of the command, with the option that makes it serve
   */
  OwnProcess(List<String> arguments, PeerScripts scripts) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> NOT_INHERITED.stream().noneMatch(argument::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(arguments);
    process = PeerProcess.start(command, "ours", scripts);
  }

  /** Makes and warms up a case. */
  void prepare(NetworkCase network, double warmup) {
    try {
      process.prepare(network.request(), warmup);
    } catch (PeerProcess.LeftOut e) {
      throw new RunFailedException(network.network() + ": " + e.getMessage(), e);
    }
    operations = process.value("operations");
  }

  /** Returns the process, to ask it for values. */
  PeerProcess process() {
    return process;
  }

  @Override
  public double burst(double seconds) {
    return process.burst(seconds);
  }

  @Override
  public double operations() {
    return operations;
  }

  @Override
  public List<Long> processes() {
    return List.of(process.id());
  }

  @Override
  public void close() {
    process.close();
  }
}
