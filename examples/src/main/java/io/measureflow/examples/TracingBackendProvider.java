package io.measureflow.examples;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.Capabilities;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * The reference backend, which counts the runs of programs and logs them when it is closed.
 *
 * @param name the name in configurations
 */
public record TracingBackendProvider(String name) implements BackendProvider {

  private static final Logger LOG = System.getLogger(TracingBackendProvider.class.getName());
  private static final BackendProvider REFERENCE = new ReferenceBackendProvider();

  /** Under its own name. */
  public TracingBackendProvider() {
    this("tracing");
  }

  @Override
  public Availability availability() {
    return REFERENCE.availability();
  }

  @Override
  public List<Precision> precisions() {
    return REFERENCE.precisions();
  }

  @Override
  public boolean heedsThreads() {
    return REFERENCE.heedsThreads();
  }

  @Override
  public Backend open(BackendSettings settings) {
    return new Tracing(name, REFERENCE.open(settings), new LongAdder());
  }

  private record Tracing(String name, Backend traced, LongAdder runs) implements Backend {

    @Override
    public Description description() {
      Description d = traced.description();
      return new Description(name, d.version(), d.device(), d.threads(), d.precision());
    }

    @Override
    public Capabilities capabilities() {
      return traced.capabilities();
    }

    @Override
    public Workspace newWorkspace() {
      return new TracingWorkspace(traced.newWorkspace(), runs);
    }

    @Override
    public void close() {
      LOG.log(Level.INFO, "backend {0} ran programs {1} times", name, runs);
      traced.close();
    }
  }

  private record TracingWorkspace(Workspace traced, LongAdder runs) implements Workspace {

    @Override
    public Executable compile(Program program) {
      return new TracingExecutable(traced.compile(program), runs);
    }

    @Override
    public Executable compile(Program program, Map<String, HeldRows> held) {
      return new TracingExecutable(traced.compile(program, held), runs);
    }

    @Override
    public Optional<HeldRows> hold(Tensor rows) {
      return traced.hold(rows);
    }

    @Override
    public Optional<HeldRows> hold(ByteRows rows) {
      return traced.hold(rows);
    }

    @Override
    public Set<String> states() {
      return traced.states();
    }

    @Override
    public Tensor read(String state) {
      return traced.read(state);
    }

    @Override
    public void write(String state, Tensor value) {
      traced.write(state, value);
    }

    @Override
    public void close() {
      traced.close();
    }
  }

  private record TracingExecutable(Executable traced, LongAdder runs) implements Executable {

    @Override
    public Tensor input(String name) {
      return traced.input(name);
    }

    @Override
    public Tensor output(String name) {
      return traced.output(name);
    }

    @Override
    public void run() {
      runs.increment();
      traced.run();
    }

    @Override
    public void close() {
      traced.close();
    }
  }
}
