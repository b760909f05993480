package io.measureflow.tornado;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.tornado.Launch.Between;
import io.measureflow.tornado.Launch.Draw;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A program as task graphs, with staging arrays outside the heap and resident states. */
final class TornadoExecutable implements Executable {

  private final String name;
  private final TornadoWorkspace workspace;
  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Tensor> outputs = new HashMap<>();
  private final List<Labelled> labelled = new ArrayList<>();
  private final List<Drawn> drawn = new ArrayList<>();
  private final SequencedMap<State, Resident> states = new LinkedHashMap<>();
  private final FloatArray stage;
  private final DevicePlan plan;
  private boolean loaded;
  private volatile boolean closed;

  /** A resident table, and the indices of the rows that the next run draws. */
  private record Drawn(DeviceRows rows, IntArray numbers) {

    Tensor tensor() {
      int count = numbers.getSize();
      return new Tensor(
          Shape.of(count),
          ElementType.INT32,
          numbers.getSegment().asSlice(0, (long) count * Integer.BYTES));
    }
  }

  /** Labels that must be below a number of classes in a run. */
  private record Labelled(Tensor labels, int classes) {}

  /** This program's copy of a state on the device. */
  private static final class Resident {
    private final int offset;
    private final boolean changes;
    private long version = -1;

    Resident(int offset, boolean changes) {
      this.offset = offset;
      this.changes = changes;
    }
  }

  /**
   * Compiles a program.
   *
   * @param bound the states of the workspace by the values that name them
   * @param rows the resident tables from which inputs are drawn
   */
  TornadoExecutable(
      Program program,
      TornadoWorkspace workspace,
      OpenDevice device,
      Map<Value, State> bound,
      Map<Value, DeviceRows> rows) {
    name = program.name();
    this.workspace = workspace;
    Geometry geometry = device.geometry();
    var layout = new Layout(program, rows.keySet());
    var labels = new LinkedHashMap<Value, IntArray>();
    for (Value input : program.inputs()) {
      if (input.kind() == Value.Kind.INTEGER) {
        labels.put(input, new IntArray(Math.max(1, input.shape().size())));
      }
    }
    List<Launch> computing = new TaskCompiler(geometry, layout, labels).compile(program);

    var memory = new FloatArray(layout.size());
    var real = new FloatArray(Math.max(1, layout.inputsSize()));
    var fetched = new FloatArray(Math.max(1, layout.outputsSize()));
    int loadedSize = Math.max(1, layout.loadedSize());
    stage = new FloatArray(loadedSize);
    for (int i = 0; i < layout.constants().size(); i++) {
      stage.set(layout.constantsFrom() + i, layout.constants().get(i));
    }
    var run = new ArrayList<Launch>();
    int received = layout.inputsSize();
    if (received > 0 && !computing.isEmpty()) {
      run.add(copy(geometry, "Input", received, real, 0, memory, layout.inputsFrom()));
    }
    rows.forEach(
        (input, held) -> {
          var draw = new Drawn(held, new IntArray(input.shape().dimension(0)));
          drawn.add(draw);
          inputs.put(input.name(), draw.tensor());
          if (!computing.isEmpty()) {
            run.add(draw(geometry, draw, input.shape(), layout.of(input)));
          }
        });
    run.addAll(computing);
    int sent = layout.outputsSize();
    if (sent > 0) {
      run.add(copy(geometry, "Output", sent, memory, layout.outputsFrom(), fetched, 0));
    }

    bindStates(program, layout, bound);
    for (Value input : program.inputs()) {
      if (rows.containsKey(input)) {
        continue;
      }
      IntArray integers = labels.get(input);
      inputs.put(
          input.name(),
          integers == null
              ? tensor(input, ElementType.FLOAT32, real.getSegment(), layout.withinInputs(input))
              : tensor(input, ElementType.INT32, integers.getSegment(), 0));
    }
    program
        .outputs()
        .forEach(
            (output, value) -> {
              int offset = layout.withinOutputs(value);
              Tensor tensor = tensor(value, ElementType.FLOAT32, fetched.getSegment(), offset);
              outputs.put(output, tensor);
            });
    findLabels(program);
    plan =
        device.plan(
            name,
            memory,
            copy(geometry, "Load", loadedSize, stage, 0, memory, 0),
            run,
            copy(geometry, "Store", loadedSize, memory, 0, stage, 0));
  }

  private static Launch copy(
      Geometry geometry,
      String what,
      int size,
      FloatArray source,
      int from,
      FloatArray target,
      int to) {
    return Launch.of(
        what,
        geometry.processor()
            ? new Between(TransferKernels::blocks, source, target)
            : new Between(TransferKernels::strided, source, target),
        TransferKernels.parameters(size, from, to),
        geometry.elements(size));
  }

  private static Launch draw(Geometry geometry, Drawn drawn, Shape batch, int to) {
    FloatArray values = drawn.rows().values();
    return Launch.of(
        "Draw",
        geometry.processor()
            ? new Draw(TransferKernels::rowBlocks, values, drawn.numbers())
            : new Draw(TransferKernels::rowStrided, values, drawn.numbers()),
        TransferKernels.rowParameters(batch.size(), batch.dimension(1), to),
        geometry.elements(batch.size()));
  }

  private static Tensor tensor(Value value, ElementType type, MemorySegment all, int offset) {
    long bytes = type.bytes();
    return new Tensor(
        value.shape(), type, all.asSlice(offset * bytes, value.shape().size() * bytes));
  }

  private void bindStates(Program program, Layout layout, Map<Value, State> bound) {
    Set<Value> changed = new HashSet<>();
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof Op.Update update) {
        changed.addAll(update.changed());
      }
    }
    bound.forEach(
        (value, state) ->
            states.put(state, new Resident(layout.of(value), changed.contains(value))));
  }

  private void findLabels(Program program) {
    for (Instruction instruction : program.instructions()) {
      switch (instruction.op()) {
        case Op.SoftmaxCrossEntropy op -> findLabels(op.logits(), op.labels());
        case Op.SoftmaxCrossEntropyGradient op -> findLabels(op.logits(), op.labels());
        case Op.CorrectCount op -> findLabels(op.logits(), op.labels());
        case Op.OneHot op -> findIndices(op.labels(), op.classes());
        case Op.Gather op -> findIndices(op.indices(), op.a().shape().dimension(0));
        case Op.ScatterAdd op -> findIndices(op.indices(), op.rows());
        default -> {}
      }
    }
  }

  private void findLabels(Value logits, Value labels) {
    findIndices(labels, logits.shape().dimension(1));
  }

  private void findIndices(Value labels, int classes) {
    var found = new Labelled(input(labels.name()), classes);
    if (!labelled.contains(found)) {
      labelled.add(found);
    }
  }

  @Override
  public Tensor input(String input) {
    requireOpen();
    return BackendChecks.named(name, "input", inputs, input);
  }

  @Override
  public Tensor output(String output) {
    requireOpen();
    return BackendChecks.named(name, "output", outputs, output);
  }

  /** Waits while another thread closes what it works with, and the other way round. */
  @Override
  public void run() {
    synchronized (workspace) {
      requireOpen();
      checkLabels();
      drawn.forEach(draw -> draw.rows().check(draw.tensor()));
      load();
      plan.run();
      states.forEach(
          (state, resident) -> {
            if (resident.changes) {
              state.changedBy(this);
              resident.version = state.version();
            }
          });
    }
  }

  private void checkLabels() {
    for (Labelled check : labelled) {
      int rows = check.labels().shape().size();
      for (int row = 0; row < rows; row++) {
        int label = (int) check.labels().get(row);
        if (label < 0 || label >= check.classes()) {
          throw new IllegalArgumentException(
              "labels: expected a class from 0 to "
                  + (check.classes() - 1)
                  + ", found "
                  + label
                  + " in row "
                  + row);
        }
      }
    }
  }

  /** Copies to the device what has changed elsewhere. */
  private void load() {
    boolean current = loaded;
    for (Map.Entry<State, Resident> entry : states.entrySet()) {
      current = current && entry.getValue().version == entry.getKey().version();
    }
    if (current) {
      return;
    }
    states.keySet().forEach(State::fetch);
    states.forEach(
        (state, resident) -> {
          float[] elements = state.elements();
          MemorySegment.copy(
              MemorySegment.ofArray(elements),
              0,
              stage.getSegment(),
              4L * resident.offset,
              4L * elements.length);
          resident.version = state.version();
        });
    plan.load();
    loaded = true;
  }

  /** Copies the states that this program has changed last to the host. */
  void fetch() {
    if (states.keySet().stream().noneMatch(state -> state.holder() == this)) {
      return;
    }
    plan.store();
    states.forEach(
        (state, resident) -> {
          if (state.holder() == this) {
            float[] elements = state.elements();
            MemorySegment.copy(
                stage.getSegment(),
                4L * resident.offset,
                MemorySegment.ofArray(elements),
                0,
                4L * elements.length);
            state.fetched();
          }
        });
  }

  private void requireOpen() {
    workspace.requireOpen();
    if (closed) {
      throw new IllegalStateException("Program " + name + " was used after it was closed");
    }
  }

  @Override
  public void close() {
    synchronized (workspace) {
      if (!closed) {
        fetch();
        release();
        workspace.forget(this);
      }
    }
  }

  /** Frees the memory on the device, without saving states. The caller holds the workspace. */
  void release() {
    if (!closed) {
      closed = true;
      plan.close();
    }
  }
}
