package io.measureflow.tornado;

import io.measureflow.api.error.RunFailedException;
import io.measureflow.tornado.Launch.Between;
import io.measureflow.tornado.Launch.Draw;
import io.measureflow.tornado.Launch.OnMemory;
import io.measureflow.tornado.Launch.WithLabels;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A program on the device: the task graph {@code run}, followed by {@code run1} and so on if it has
 * more tasks than TornadoVM supports in one graph, and the graphs {@code load} and {@code store},
 * which copy states when the host or another program needs them. All use one memory, which stays on
 * the device from the first load until the plan is closed.
 */
final class DevicePlan implements AutoCloseable {

  private static final int LOAD = 0;
  private static final int STORE = 1;
  private static final int RUN = 2;

  /** The maximum number of tasks per graph; TornadoVM's description has room for about 200. */
  private static final int LONGEST = 128;

  private final String program;
  private final TornadoDevice device;
  private final FloatArray memory;
  private final List<Launch> run;
  private final int runs;
  private final TornadoExecutionPlan plan;

  /**
   * Builds the task graphs. They are compiled when they first run.
   *
   * @param memory all values; never leaves the device
   * @param load copies from the stage to the memory
   * @param run the program; none if it has no elements at all
   * @param store copies from the memory to the stage
   */
  DevicePlan(
      String program,
      TornadoDevice device,
      FloatArray memory,
      Launch load,
      List<Launch> run,
      Launch store) {
    this.program = program;
    this.device = device;
    this.memory = memory;
    this.run = List.copyOf(run);
    var grids = new GridScheduler();
    var graphs = new ArrayList<ImmutableTaskGraph>();
    graphs.add(
        tasks(new TaskGraph("load"), List.of(load), grids).persistOnDevice(memory).snapshot());
    graphs.add(tasks(consuming("store"), List.of(store), grids).snapshot());
    for (int from = 0; from < run.size(); from += LONGEST) {
      List<Launch> part = run.subList(from, Math.min(run.size(), from + LONGEST));
      String name = from == 0 ? "run" : "run" + from / LONGEST;
      graphs.add(tasks(consuming(name), part, grids).snapshot());
    }
    runs = graphs.size() - RUN;
    plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
    plan.withDevice(device);
    plan.withGridScheduler(grids);
  }

  private TaskGraph consuming(String name) {
    return new TaskGraph(name).consumeFromDevice(memory);
  }

  /** Adds tasks and the transfers of the arrays that they use, except the memory. */
  private TaskGraph tasks(TaskGraph graph, List<Launch> launches, GridScheduler grids) {
    Set<Object> in = new LinkedHashSet<>();
    Set<Object> out = new LinkedHashSet<>();
    for (Launch launch : launches) {
      switch (launch.kernel()) {
        case OnMemory _ -> {}
        case WithLabels(var _, IntArray labels) -> in.add(labels);
        case Draw(var _, FloatArray rows, IntArray numbers) -> {
          graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, rows);
          in.add(numbers);
        }
        case Between(var _, FloatArray source, FloatArray target) -> {
          in.add(source);
          out.add(target);
        }
      }
      graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, launch.parameters());
    }
    in.remove(memory);
    out.remove(memory);
    in.forEach(array -> graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, array));
    var context = new KernelContext();
    for (int i = 0; i < launches.size(); i++) {
      Launch launch = launches.get(i);
      String name = "t" + i;
      IntArray p = launch.parameters();
      switch (launch.kernel()) {
        case OnMemory(var method) -> graph.task(name, method, context, p, memory);
        case WithLabels(var method, IntArray labels) ->
            graph.task(name, method, context, p, memory, labels);
        case Draw(var method, FloatArray rows, IntArray numbers) ->
            graph.task(name, method, context, p, memory, rows, numbers);
        case Between(var method, FloatArray source, FloatArray target) ->
            graph.task(name, method, context, p, source, target);
      }
      WorkerGrid grid = new WorkerGrid1D(launch.grid().global());
      grid.setLocalWork(launch.grid().local(), 1, 1);
      grids.addWorkerGrid(graph.getTaskGraphName() + "." + name, grid);
    }
    out.forEach(array -> graph.transferToHost(DataTransferMode.EVERY_EXECUTION, array));
    return graph;
  }

  /** Copies the stage into the states and constants. */
  void load() {
    execute(LOAD);
  }

  /** Copies the states into the stage. */
  void store() {
    execute(STORE);
  }

  /** Runs the program once. */
  void run() {
    for (int part = 0; part < runs; part++) {
      execute(RUN + part);
    }
  }

  @SuppressWarnings("CheckReturnValue") // The result is only statistics.
  private void execute(int graph) {
    try {
      plan.withGraph(graph).execute();
    } catch (RuntimeException | LinkageError | TornadoInternalError e) {
      throw failed(graph, e);
    }
  }

  private RunFailedException failed(int graph, Throwable cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new RunFailedException(
        "Program "
            + program
            + " on device "
            + device.getPhysicalDevice().getDeviceName()
            + (graph >= RUN ? ", " + culprit() : ", moving states")
            + ": TornadoVM failed: "
            + reason.replaceAll("\\u001B\\[[0-9;]*m", "")
            + ". Nothing was computed on the processor instead.",
        cause);
  }

  /** Returns the operation whose task does not compile on its own, if there is one. */
  private String culprit() {
    var tried = new LinkedHashSet<String>();
    for (Launch launch : run) {
      if (tried.add(launch.operation()) && !compiles(launch)) {
        return "operation " + launch.operation();
      }
    }
    return "one of the operations " + String.join(", ", tried);
  }

  @SuppressWarnings("CheckReturnValue") // The result is the plan itself.
  private boolean compiles(Launch launch) {
    var grids = new GridScheduler();
    TaskGraph graph = new TaskGraph("trial");
    graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, memory);
    try (var trial = new TornadoExecutionPlan(tasks(graph, List.of(launch), grids).snapshot())) {
      trial.withDevice(device);
      trial.withGridScheduler(grids);
      trial.withPreCompilation();
      return true;
    } catch (RuntimeException
        | LinkageError
        | TornadoInternalError
        | TornadoExecutionPlanException e) {
      return false;
    }
  }

  /** Frees the device's memory. */
  @Override
  @SuppressWarnings("CheckReturnValue") // The result is the plan itself.
  public void close() {
    try {
      // Otherwise only the memory of the graph that ran last would be freed.
      plan.withAllGraphs();
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new RunFailedException("Program " + program + ": its memory could not be freed", e);
    }
  }
}
