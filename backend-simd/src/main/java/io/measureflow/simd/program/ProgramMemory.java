package io.measureflow.simd.program;

import io.measureflow.api.program.Value;
import io.measureflow.lowering.AxisOrder;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Phase;
import io.measureflow.lowering.Region;
import io.measureflow.lowering.Step;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.Permutation;
import io.measureflow.simd.threads.WorkerPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory of the values of a program. Results that are no longer needed give theirs to later
 * ones: to one that is computed from their elements in the same region, or in a later phase to any.
 */
public final class ProgramMemory {

  /**
   * Where a step stands.
   *
   * @param phase the number of its phase
   * @param unit its region within the phase, 0 for the steps before the regions
   * @param place its place within the program
   */
  private record Place(int phase, int unit, int place) {
    boolean isBefore(Place other) {
      return phase < other.phase
          || (phase == other.phase && unit == other.unit && place <= other.place);
    }
  }

  private final LoweredProgram lowered;
  private final Map<Value, float[]> reals;
  private final Map<Value, int[]> integers;
  private final Map<Value, State> states;
  private final Map<Value, double[]> losses = new HashMap<>();
  private final IdentityHashMap<Step, Place> places = new IdentityHashMap<>();
  private final Map<Value, List<Place>> readers = new HashMap<>();
  private final Map<Value, Place> writers = new HashMap<>();

  /** Values whose memory is not shared: inputs, states, outputs. */
  private final Set<Value> kept = new HashSet<>();

  /** The value that memory belongs to at present. */
  private final IdentityHashMap<float[], Value> owners = new IdentityHashMap<>();

  private final Map<Integer, List<Value>> lastIn = new HashMap<>();

  /** Memory that has become free before the current phase, by size. */
  private final Map<Integer, Deque<float[]>> free = new HashMap<>();

  /** Copies of outputs that lie in another order of axes. */
  private final Map<Value, float[]> outputs = new HashMap<>();

  /**
   * Starts with the memory of inputs and states.
   *
   * @param reals the memory of inputs of real numbers, to which that of results is added
   * @param integers the memory of integer inputs
   */
  public ProgramMemory(
      LoweredProgram lowered,
      List<Phase> phases,
      Map<Value, float[]> reals,
      Map<Value, int[]> integers,
      Map<Value, State> states) {
    this.lowered = lowered;
    this.reals = reals;
    this.integers = integers;
    this.states = states;
    kept.addAll(reals.keySet());
    kept.addAll(states.keySet());
    lowered.program().outputs().values().forEach(value -> kept.add(lowered.memory(value)));
    int place = 0;
    for (int phase = 0; phase < phases.size(); phase++) {
      for (Step step : phases.get(phase).first()) {
        place(step, new Place(phase, 0, place++));
      }
      int unit = 1;
      for (Region region : phases.get(phase).regions()) {
        for (Step step : region.steps()) {
          place(step, new Place(phase, unit, place++));
        }
        unit++;
      }
    }
    noteLastPhases();
  }

  /** Notes the last phase that uses each value. */
  private void noteLastPhases() {
    writers.forEach(
        (value, writer) -> {
          if (!kept.contains(value)) {
            int last =
                readers.getOrDefault(value, List.of()).stream()
                    .mapToInt(Place::phase)
                    .max()
                    .orElse(writer.phase);
            lastIn.computeIfAbsent(last, phase -> new ArrayList<>()).add(value);
          }
        });
  }

  private void place(Step step, Place place) {
    places.put(step, place);
    for (Value read : step.reads()) {
      readers.computeIfAbsent(lowered.memory(read), v -> new ArrayList<>()).add(place);
    }
    for (Value written : step.writes()) {
      writers.put(lowered.memory(written), place);
    }
  }

  /** Returns the memory of a value that was assigned before. */
  public float[] real(Value value) {
    Value copy = lowered.copies().get(value);
    Value memory = lowered.memory(copy == null ? value : copy);
    State state = states.get(memory);
    float[] elements = state != null ? state.elements() : reals.get(memory);
    if (elements == null) {
      throw new IllegalArgumentException(
          "expected an operand that was assigned before, found " + value);
    }
    return elements;
  }

  public int[] integer(Value value) {
    int[] elements = integers.get(value);
    if (elements == null) {
      throw new IllegalArgumentException("expected an integer input, found " + value);
    }
    return elements;
  }

  public State state(Value value) {
    State state = states.get(value);
    if (state == null) {
      throw new IllegalArgumentException("expected a state, found " + value);
    }
    return state;
  }

  /** Prepares an output of the program that lies in another order of axes. */
  public void provide(Value output, WorkerPool pool, List<Command> commands) {
    State state = states.get(output);
    if (state != null && !state.order().isPlain()) {
      float[] copy = new float[output.shape().size()];
      commands.add(state.unpack(pool, copy));
      outputs.put(output, copy);
    } else if (state == null && !lowered.order(output).isPlain()) {
      AxisOrder order = lowered.order(output);
      float[] copy = new float[output.shape().size()];
      commands.add(
          Permutation.of(pool, real(output), lowered.stored(output), order.inverse().axes(), copy));
      outputs.put(output, copy);
    }
  }

  /** Returns the memory of an output of the program; null if nothing assigns it. */
  public float @Nullable [] output(Value output) {
    float[] copy = outputs.get(output);
    Value memory = lowered.memory(output);
    State state = states.get(memory);
    return copy != null ? copy : state != null ? state.elements() : reals.get(memory);
  }

  /** Returns the memory of the losses of rows. */
  public double[] losses(Value value) {
    return losses.computeIfAbsent(value, v -> new double[v.shape().size()]);
  }

  /** Returns the memory for a result. */
  public float[] result(Value value) {
    int size = value.shape().size();
    Deque<float[]> fitting = kept.contains(value) ? null : free.get(size);
    float[] elements = fitting == null ? null : fitting.poll();
    if (elements == null) {
      elements = new float[size];
    }
    assign(value, elements);
    return elements;
  }

  /** Returns memory for a result that no other value ever uses. */
  public float[] alone(Value value) {
    kept.add(value);
    return result(value);
  }

  private void assign(Value value, float[] elements) {
    reals.put(value, elements);
    owners.put(elements, value);
  }

  /**
   * Returns the memory for a result each of whose elements depends on those of some operands at the
   * same index only: that of an operand that nothing reads afterwards, else other memory. What is
   * still in the cache need not be fetched.
   */
  public float[] elementwise(Step step, Value result, List<Value> operands) {
    Place here = places.get(step);
    for (Value operand : operands) {
      Value memory = lowered.memory(operand);
      float[] elements = reals.get(memory);
      Place writer = writers.get(memory);
      if (here != null
          && elements != null
          && writer != null
          && !kept.contains(memory)
          && !kept.contains(result)
          && memory.equals(owners.get(elements))
          && elements.length == result.shape().size()
          && writer.isBefore(here)
          && readers.getOrDefault(memory, List.of()).stream().allMatch(r -> r.isBefore(here))) {
        assign(result, elements);
        return elements;
      }
    }
    return result(result);
  }

  /** Frees the memory of what no phase after this one reads. */
  public void endPhase(int phase) {
    for (Value value : lastIn.getOrDefault(phase, List.of())) {
      if (kept.contains(value)) {
        continue;
      }
      float[] elements = reals.get(value);
      if (elements != null && value.equals(owners.get(elements))) {
        owners.remove(elements);
        free.computeIfAbsent(elements.length, size -> new ArrayDeque<>()).push(elements);
      }
    }
  }
}
