package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The memory of the values of a program, allocated here once, before the first run. */
final class ValueMemory {

  private final WorkerPool pool;
  private final CommandList commands;
  private final DefUse defUse;
  private final Map<Value, float[]> reals;
  private final Map<Value, int[]> integers;
  private final Map<Value, State> states;

  /** The inputs and states, whose memory changes at other times than that of results. */
  private final Set<Value> fixed;

  /** States stored in another order of axes, copied into their own order. */
  private final Map<Value, float[]> unpacked = new HashMap<>();

  /** The position of the last reader, by the memory of values that are recomputed in each run. */
  private final IdentityHashMap<float[], Integer> lastReads = new IdentityHashMap<>();

  /** The order of instructions that become commands; others are absorbed by these. */
  private final Map<Instruction, Integer> positions = new HashMap<>();

  /**
   * Starts with the memory of inputs and states.
   *
   * @param commands receives the commands that copy states
   * @param defUse the def-use chains of the program
   * @param reals the memory of inputs of real numbers, to which that of computed values is added
   * @param integers the memory of integer values
   * @param states the states by their values
   */
  ValueMemory(
      WorkerPool pool,
      CommandList commands,
      DefUse defUse,
      Map<Value, float[]> reals,
      Map<Value, int[]> integers,
      Map<Value, State> states) {
    this.pool = pool;
    this.commands = commands;
    this.defUse = defUse;
    this.reals = reals;
    this.integers = integers;
    this.states = states;
    fixed = new HashSet<>(reals.keySet());
    fixed.addAll(states.keySet());
  }

  /** Records that an instruction, which becomes a command, follows those recorded before. */
  void addInOrder(Instruction instruction) {
    positions.put(instruction, positions.size());
  }

  /** Records that an update has changed states, so that copies of them must be renewed. */
  void changedBy(Op.Update update) {
    unpacked.keySet().removeAll(update.changed());
  }

  /** Returns the elements of a value that was assigned before, in the order of its axes. */
  float[] real(Value value) {
    State state = states.get(value);
    if (state != null) {
      return state.layout().isPlain()
          ? state.elements()
          : unpacked.computeIfAbsent(value, v -> unpack(state));
    }
    float[] memory = reals.get(value);
    if (memory == null) {
      throw new IllegalArgumentException(
          "expected an operand that was assigned before, found " + value);
    }
    return memory;
  }

  private float[] unpack(State state) {
    float[] memory = new float[state.shape().size()];
    commands.add(state.unpack(pool, memory));
    return memory;
  }

  int[] integer(Value value) {
    int[] memory = integers.get(value);
    if (memory == null) {
      throw new IllegalArgumentException("expected an integer input, found " + value);
    }
    return memory;
  }

  /** Returns the memory of an output of the program; null if nothing assigns it. */
  float @Nullable [] outside(Value output) {
    State state = states.get(output);
    return state != null && state.layout().isPlain() ? state.elements() : reals.get(output);
  }

  /** Prepares an output of the program that is a state in another storage order. */
  void provide(Value output) {
    State state = states.get(output);
    if (state != null && !state.layout().isPlain()) {
      commands.add(state.unpack(pool, fresh(output)));
    }
  }

  /** Allocates memory for a result, filled with zeros. */
  float[] fresh(Value result) {
    float[] memory = new float[result.shape().size()];
    reals.put(result, memory);
    return memory;
  }

  /**
   * Allocates memory for a result that is recomputed in every run, which later results may reuse.
   */
  float[] temporary(Value result) {
    float[] memory = fresh(result);
    lastReads.put(memory, lastRead(result));
    return memory;
  }

  /**
   * Returns the memory for a result whose elements depend only on the operands' elements with the
   * same index: that of an operand that is recomputed each time and not read afterwards, else new
   * memory. Memory that is still in the cache need not be fetched.
   */
  float[] elementwise(Instruction instruction, Value result) {
    int here = Objects.requireNonNull(positions.get(instruction));
    for (Value operand : instruction.op().inputs()) {
      float[] memory = reals.get(operand);
      Integer last = memory == null ? null : lastReads.get(memory);
      if (memory != null
          && last != null
          && last <= here
          && memory.length == result.shape().size()) {
        lastReads.put(memory, lastRead(result));
        reals.put(result, memory);
        return memory;
      }
    }
    return temporary(result);
  }

  /** Returns the position of the last command that reads a value. */
  private int lastRead(Value value) {
    if (defUse.isOutput(value)) {
      return Integer.MAX_VALUE;
    }
    return defUse.readers(value).stream()
        .mapToInt(reader -> positions.getOrDefault(reader, Integer.MAX_VALUE))
        .max()
        .orElse(-1);
  }

  /**
   * Lets a result with the same elements as an operand share its memory, unless that belongs to an
   * input or a state.
   *
   * @return whether it does
   */
  boolean share(Value result, Value operand) {
    if (fixed.contains(operand)) {
      return false;
    }
    float[] memory = real(operand);
    reals.put(result, memory);
    lastReads.computeIfPresent(memory, (m, last) -> Math.max(last, lastRead(result)));
    return true;
  }

  /** Lets a result use the memory of a state, as long as no update has changed it. */
  void showState(Value result, State state) {
    reals.put(result, state.elements());
  }
}
