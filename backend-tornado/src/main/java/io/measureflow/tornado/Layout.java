package io.measureflow.tornado;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The offsets of the values of a program in its memory on the device, in elements:
 *
 * <pre>states | constants | inputs | drawn inputs | outputs | everything else</pre>
 *
 * The first two come from the host when the program is loaded, inputs before each run; outputs go
 * to the host after it. Drawn inputs are filled on the device.
 */
final class Layout {

  /** The constants that an instruction may need, besides its own. */
  private static final int CONSTANTS_PER_INSTRUCTION = 10;

  private final Map<Value, Integer> offsets = new HashMap<>();
  private final SequencedMap<Value, Integer> outputs = new LinkedHashMap<>();
  private final Map<List<Float>, Integer> known = new HashMap<>();
  private final List<Float> constants = new ArrayList<>();
  private final int constantsFrom;
  private final int inputsFrom;
  private final int inputsTo;
  private final int outputsFrom;
  private final int temporariesFrom;
  private long end;

  /**
   * @param drawn the inputs filled on the device from resident tables
   */
  Layout(Program program, Set<Value> drawn) {
    for (Value state : program.states()) {
      offsets.put(state, take(state.shape().size()));
    }
    constantsFrom = (int) end;
    for (Instruction instruction : program.instructions()) {
      take(
          switch (instruction.op()) {
            case Op.Constant op -> op.shape().size();
            case Op.Literal op -> op.shape().size();
            case Op.Unary(Op.UnaryFunction f, Value _)
                when f == Op.UnaryFunction.SIN || f == Op.UnaryFunction.COS ->
                SineKernels.tableSize();
            default -> CONSTANTS_PER_INSTRUCTION;
          });
    }
    take(CONSTANTS_PER_INSTRUCTION);
    inputsFrom = (int) end;
    for (Value input : program.inputs()) {
      if (input.kind() == Value.Kind.REAL && !drawn.contains(input)) {
        offsets.put(input, take(input.shape().size()));
      }
    }
    inputsTo = (int) end;
    for (Value input : drawn) {
      offsets.put(input, take(input.shape().size()));
    }
    outputsFrom = (int) end;
    for (Value output : program.outputs().values()) {
      if (!outputs.containsKey(output)) {
        outputs.put(output, take(output.shape().size()));
      }
    }
    temporariesFrom = (int) end;
  }

  /**
   * Reserves elements.
   *
   * @return their offset
   * @throws IllegalArgumentException if the memory would exceed the range of an index
   */
  int take(int size) {
    long from = end;
    end += size;
    if (end > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "expected a program whose values have less than "
              + Integer.MAX_VALUE
              + " elements together, found more; a smaller batch needs less");
    }
    return (int) from;
  }

  /** Returns the offset of a value. */
  int of(Value value) {
    Integer offset = offsets.get(value);
    if (offset == null) {
      throw new IllegalArgumentException(
          "expected an operand that was assigned before, found " + value);
    }
    return offset;
  }

  /** Assigns a place to a result: among the outputs if it is one. */
  int place(Value result) {
    Integer output = outputs.get(result);
    int offset = output != null ? output : take(result.shape().size());
    offsets.put(result, offset);
    return offset;
  }

  /** Lets a result share the place of another value. */
  void alias(Value result, Value source) {
    offsets.put(result, of(source));
  }

  /** Returns the outputs placed elsewhere than among the outputs, with their target offsets. */
  Map<Value, Integer> misplacedOutputs() {
    var misplaced = new LinkedHashMap<Value, Integer>();
    outputs.forEach(
        (value, offset) -> {
          if (of(value) != offset) {
            misplaced.put(value, offset);
          }
        });
    return misplaced;
  }

  /** Returns the offset of an output within the outputs. */
  int withinOutputs(Value output) {
    Integer offset = outputs.get(output);
    if (offset == null) {
      throw new IllegalArgumentException("expected an output, found " + output);
    }
    return offset - outputsFrom;
  }

  /** Returns the offset of an input within the inputs. */
  int withinInputs(Value input) {
    return of(input) - inputsFrom;
  }

  /** Returns the offset of these constants; equal ones are stored once. */
  int constants(float... values) {
    var key = new ArrayList<Float>();
    for (float value : values) {
      key.add(value);
    }
    return known.computeIfAbsent(
        key,
        list -> {
          int offset = constantsFrom + constants.size();
          constants.addAll(list);
          if (constantsFrom + constants.size() > inputsFrom) {
            throw new IllegalStateException("More constants than were counted");
          }
          return offset;
        });
  }

  /** Assigns a place among the constants to a constant result. */
  void constant(Value result, float[] values) {
    offsets.put(result, constantsFrom + constants.size());
    for (float value : values) {
      constants.add(value);
    }
  }

  List<Float> constants() {
    return constants;
  }

  int constantsFrom() {
    return constantsFrom;
  }

  /** Returns the size of states and constants, which are loaded. */
  int loadedSize() {
    return constantsFrom + constants.size();
  }

  int inputsFrom() {
    return inputsFrom;
  }

  int inputsSize() {
    return inputsTo - inputsFrom;
  }

  int outputsFrom() {
    return outputsFrom;
  }

  int outputsSize() {
    return temporariesFrom - outputsFrom;
  }

  /**
   * Returns the total size, with a few elements more than used, which kernels may read but never
   * write.
   */
  int size() {
    return (int) end + 16;
  }
}
