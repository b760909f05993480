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

/** Where the values of a program lie. Memory is allocated here, once, before the first run. */
final class ValueMemory {

  private final WorkerPool pool;
  private final CommandList commands;
  private final DefUse defUse;
  private final Map<Value, float[]> reals;
  private final Map<Value, int[]> integers;
  private final Map<Value, State> states;

  /** The inputs and the states, whose memory changes at other times than a result may. */
  private final Set<Value> fixed;

  /** States that lie in another order than that of their axes, copied into this one. */
  private final Map<Value, float[]> unpacked = new HashMap<>();

  /**
   * By the memory of values that are computed anew in each run, the last position that reads it.
   */
  private final IdentityHashMap<float[], Integer> lastReads = new IdentityHashMap<>();

  /** The order of instructions that become commands; others are absorbed by some. */
  private final Map<Instruction, Integer> positions = new HashMap<>();

  /**
   * Starts with the memory of inputs and states.
   *
   * @param commands where copies of states are made
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

  /** Notes that an instruction, which becomes a command, comes after those noted before. */
  void addInOrder(Instruction instruction) {
    positions.put(instruction, positions.size());
  }

  /** Notes that an update has changed states: copies of them are copied anew. */
  void changedBy(Op.Update update) {
    unpacked.keySet().removeAll(update.changed());
  }

  /** The elements of a value that was assigned before, in the order of its axes. */
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

  /** The memory of an output of the program; null if nothing assigns it. */
  float @Nullable [] outside(Value output) {
    State state = states.get(output);
    return state != null && state.layout().isPlain() ? state.elements() : reals.get(output);
  }

  /** Provides for an output of the program that is a state in an order of its own. */
  void provide(Value output) {
    State state = states.get(output);
    if (state != null && !state.layout().isPlain()) {
      commands.add(state.unpack(pool, fresh(output)));
    }
  }

  /** New memory for a result, filled with zeros. */
  float[] fresh(Value result) {
    float[] memory = new float[result.shape().size()];
    reals.put(result, memory);
    return memory;
  }

  /** New memory for a result that every run computes anew, which others may take over. */
  float[] temporary(Value result) {
    float[] memory = fresh(result);
    lastReads.put(memory, lastRead(result));
    return memory;
  }

  /**
   * The memory for a result whose elements depend on those of the operands with the same index:
   * that of an operand which is computed anew each time and which nobody reads afterwards, else
   * new. Memory that is written while it is in the cache need not be fetched.
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

  /** The position of the last command that reads a value. */
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
   * Lets a result with the same elements as an operand share its memory, unless that is an input's
   * or a state's.
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

  /** Lets a result lie where a state does, as long as no update has changed it. */
  void showState(Value result, State state) {
    reals.put(result, state.elements());
  }
}
