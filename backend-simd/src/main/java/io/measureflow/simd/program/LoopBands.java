package io.measureflow.simd.program;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Split;
import io.measureflow.lowering.Splits;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Elementwise;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.Expansion;
import io.measureflow.simd.operations.Repeat;
import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Elementwise operations band by band. */
public final class LoopBands {

  private static final int ORDERS = Op.ReluMoments.MAX_ORDER + 1;

  private final Kernels kernels;
  private final LoweredProgram lowered;
  private final ProgramMemory memory;

  public LoopBands(Kernels kernels, LoweredProgram lowered, ProgramMemory memory) {
    this.kernels = kernels;
    this.lowered = lowered;
    this.memory = memory;
  }

  /** A loop over a range of elements. */
  @FunctionalInterface
  private interface Range {
    void run(int from, int to);
  }

  /**
   * Returns an operation.
   *
   * @param split how its results are shared out
   */
  public Band of(Step.Loop step, Split split) {
    Value out = step.writes().getFirst();
    return switch (step.op()) {
      case Op.Unary op -> {
        float[] a = memory.real(op.a());
        yield each(split, unary(op, a, memory.elementwise(step, out, List.of(op.a()))));
      }
      case Op.Affine op -> {
        float[] a = memory.real(op.a());
        float[] result = memory.elementwise(step, out, List.of(op.a()));
        float scale = (float) op.scale();
        float shift = (float) op.shift();
        yield each(split, (from, to) -> Elementwise.affine(a, scale, shift, from, to, result));
      }
      case Op.Binary op -> binary(op, step, split);
      case Op.BroadcastTo op -> {
        float[] a = memory.real(op.a());
        Split own = split(op.a(), out, split);
        Repeat repeat = Repeat.of(a, own, split);
        float[] result = memory.result(out);
        yield (from, to, thread) -> {
          for (int o = 0; o < split.outer(); o++) {
            repeat.write(kernels, split, o, from, to, result);
          }
        };
      }
      case Op.ReluMoments op -> {
        float[] mean = memory.real(op.mean());
        float[] variance = memory.real(op.variance());
        float[][] results = byOrder(op, step);
        yield each(
            split, (from, to) -> kernels.reluMoments(mean, variance, from, to - from, results));
      }
      case Op.Select op -> {
        float[] condition = memory.real(op.condition());
        float[] a = memory.real(op.a());
        float[] b = memory.real(op.b());
        float[] result = memory.elementwise(step, out, op.inputs());
        yield each(split, (from, to) -> kernels.select(condition, a, b, from, to - from, result));
      }
    };
  }

  /**
   * Returns an operation for parts of rows; empty if it has none.
   *
   * @param split of its results, with nothing outside of the bands
   */
  public Optional<Part> part(Step.Loop step, Split split) {
    Value out = step.writes().getFirst();
    return switch (step.op()) {
      case Op.Binary op -> binaryPart(op, step, split);
      case Op.BroadcastTo op -> {
        float[] a = memory.real(op.a());
        float[] result = memory.result(out);
        yield isPerRow(op.a(), out, split)
            ? Optional.of((index, from, to) -> Arrays.fill(result, from, to, a[index]))
            : Optional.empty();
      }
      case Op.Unary _, Op.Affine _, Op.ReluMoments _, Op.Select _ -> {
        Band band = of(step, new Split(1, split.size(), 1));
        yield Optional.of((index, from, to) -> band.run(from, to, 0));
      }
    };
  }

  private Optional<Part> binaryPart(Op.Binary op, Step.Loop step, Split split) {
    Value out = step.writes().getFirst();
    Op.BinaryFunction f = op.function();
    float[] a = memory.real(op.a());
    float[] b = memory.real(op.b());
    if (isPerRow(op.b(), out, split) && a.length == split.size()) {
      float[] result = memory.elementwise(step, out, List.of(op.a()));
      return Optional.of((index, from, to) -> Elementwise.binary(f, a, b[index], from, to, result));
    }
    if (isPerRow(op.a(), out, split) && b.length == split.size()) {
      float[] result = memory.elementwise(step, out, List.of(op.b()));
      return Optional.of((index, from, to) -> Elementwise.binary(f, a[index], b, from, to, result));
    }
    boolean isWhole = a.length == split.size() || a.length == 1;
    if (!isWhole || !(b.length == split.size() || b.length == 1)) {
      return Optional.empty();
    }
    Band band = of(step, new Split(1, split.size(), 1));
    return Optional.of((index, from, to) -> band.run(from, to, 0));
  }

  /** Returns whether an operand has one element for each row. */
  boolean isPerRow(Value operand, Value out, Split split) {
    Shape own = lowered.storedWithin(operand, out);
    return own.size() == split.extent()
        && own.size() < split.size()
        && Splits.repeated(lowered.stored(out), own, split)
            .filter(at -> at.extent() == split.extent())
            .isPresent();
  }

  /** Sets tiny elements of a result to 0, for parts of rows. */
  public Part flushPart(Value result, float least) {
    float[] out = memory.real(result);
    return (index, from, to) -> kernels.flush(out, from, to - from, least);
  }

  /**
   * Returns an operation that has no bands: operands of rank 4 may be repeated along every other
   * axis. They are written out first.
   */
  public Command whole(Step.Loop step, WorkerPool pool) {
    Value out = step.writes().getFirst();
    Shape shape = lowered.stored(out);
    return switch (step.op()) {
      case Op.BroadcastTo op ->
          Expansion.of(
              pool,
              memory.real(op.a()),
              lowered.storedWithin(op.a(), out),
              memory.result(out),
              shape);
      case Op.Binary op -> {
        float[] a = memory.real(op.a());
        float[] b = memory.real(op.b());
        float[] allOfA = new float[shape.size()];
        float[] allOfB = new float[shape.size()];
        Shape ofA = lowered.storedWithin(op.a(), out);
        Shape ofB = lowered.storedWithin(op.b(), out);
        Command expandA = Expansion.of(pool, a, ofA, allOfA, shape);
        Command expandB = Expansion.of(pool, b, ofB, allOfB, shape);
        float[] result = memory.result(out);
        Op.BinaryFunction f = op.function();
        yield () -> {
          expandA.run();
          expandB.run();
          Elementwise.binary(kernels, f, allOfA, allOfB, 0, result.length, result);
        };
      }
      case Op.Unary _, Op.Affine _, Op.ReluMoments _, Op.Select _ ->
          throw new IllegalArgumentException(
              "expected an operation that broadcasts, found " + step);
    };
  }

  /** Sets tiny elements of a result to 0. */
  public Band flush(Value result, Split split, float least) {
    float[] out = memory.real(result);
    return each(split, (from, to) -> kernels.flush(out, from, to - from, least));
  }

  private static Band each(Split split, Range range) {
    int extent = split.extent();
    int inner = split.inner();
    if (split.outer() == 1) {
      return (from, to, thread) -> range.run(from * inner, to * inner);
    }
    return (from, to, thread) -> {
      for (int o = 0; o < split.outer(); o++) {
        range.run((o * extent + from) * inner, (o * extent + to) * inner);
      }
    };
  }

  private Range unary(Op.Unary op, float[] a, float[] out) {
    return switch (op.function()) {
      case NEGATE -> (from, to) -> Elementwise.negate(a, from, to, out);
      case SQUARE -> (from, to) -> Elementwise.square(a, from, to, out);
      case SQRT -> (from, to) -> Elementwise.sqrt(a, from, to, out);
      case RECIPROCAL -> (from, to) -> Elementwise.reciprocal(a, from, to, out);
      case EXP -> (from, to) -> kernels.exp(a, from, to - from, out);
      case LOG -> (from, to) -> kernels.log(a, from, to - from, out);
      case LOG1P -> (from, to) -> kernels.log1p(a, from, to - from, out);
      case POSITIVE -> (from, to) -> Elementwise.positive(a, from, to, out);
      case HEAVISIDE -> (from, to) -> kernels.heaviside(a, from, to - from, out);
      case ERF -> (from, to) -> kernels.erf(a, from, to - from, out);
      case SIN -> (from, to) -> kernels.sin(a, from, to - from, out);
      case COS -> (from, to) -> kernels.cos(a, from, to - from, out);
    };
  }

  /** Returns how an operand is shared out that is broadcast to a result. */
  private Split split(Value operand, Value out, Split split) {
    Shape own = lowered.storedWithin(operand, out);
    Optional<Split> repeated = Splits.repeated(lowered.stored(out), own, split);
    return own.size() == 1
        ? new Split(1, 1, 1)
        : repeated.orElseThrow(
            () -> new IllegalArgumentException("expected a band, found " + own + " " + split));
  }

  private Band binary(Op.Binary op, Step.Loop step, Split split) {
    Value result = step.writes().getFirst();
    Op.BinaryFunction f = op.function();
    float[] a = memory.real(op.a());
    float[] b = memory.real(op.b());
    boolean wholeA = a.length == split.size();
    boolean wholeB = b.length == split.size();
    if (wholeA && wholeB) {
      float[] out = memory.elementwise(step, result, List.of(op.a(), op.b()));
      return each(split, (from, to) -> Elementwise.binary(kernels, f, a, b, from, to, out));
    }
    if (wholeA && b.length == 1) {
      float[] out = memory.elementwise(step, result, List.of(op.a()));
      return each(split, (from, to) -> Elementwise.binary(f, a, b[0], from, to, out));
    }
    if (wholeB && a.length == 1) {
      float[] out = memory.elementwise(step, result, List.of(op.b()));
      return each(split, (from, to) -> Elementwise.binary(f, a[0], b, from, to, out));
    }
    // A repeated operand is written into the result: the compiler vectorizes loops whose arrays
    // have
    // the same index.
    Repeat repeatA = Repeat.of(a, split(op.a(), result, split), split);
    Repeat repeatB = Repeat.of(b, split(op.b(), result, split), split);
    float[] out = memory.result(result);
    int inner = split.inner();
    if (wholeA) {
      return rows(
          split,
          (o, from, to) -> {
            repeatB.write(kernels, split, o, from, to, out);
            Elementwise.binary(kernels, f, a, out, start(split, o, from), start(split, o, to), out);
          });
    }
    if (wholeB) {
      return rows(
          split,
          (o, from, to) -> {
            repeatA.write(kernels, split, o, from, to, out);
            Elementwise.binary(kernels, f, out, b, start(split, o, from), start(split, o, to), out);
          });
    }
    if (repeatA.varies() && repeatB.varies()) {
      float[] other = new float[split.size()];
      return rows(
          split,
          (o, from, to) -> {
            repeatA.write(kernels, split, o, from, to, out);
            repeatB.write(kernels, split, o, from, to, other);
            Elementwise.binary(
                kernels, f, out, other, start(split, o, from), start(split, o, to), out);
          });
    }
    if (repeatB.varies()) {
      return rows(
          split,
          (o, from, to) -> {
            repeatB.write(kernels, split, o, from, to, out);
            for (int i = from; i < to; i++) {
              int at = start(split, o, i);
              Elementwise.binary(f, a[repeatA.at(o, i)], out, at, at + inner, out);
            }
          });
    }
    return rows(
        split,
        (o, from, to) -> {
          repeatA.write(kernels, split, o, from, to, out);
          for (int i = from; i < to; i++) {
            int at = start(split, o, i);
            Elementwise.binary(f, out, b[repeatB.at(o, i)], at, at + inner, out);
          }
        });
  }

  private static int start(Split split, int o, int i) {
    return (o * split.extent() + i) * split.inner();
  }

  /** A loop over indices of the bands within an outer index. */
  @FunctionalInterface
  private interface Rows {
    void run(int o, int from, int to);
  }

  private static Band rows(Split split, Rows rows) {
    return (from, to, thread) -> {
      for (int o = 0; o < split.outer(); o++) {
        rows.run(o, from, to);
      }
    };
  }

  /**
   * Returns the results of orders 0 to 4. Unused orders share the memory of a lower one, which is
   * written later.
   */
  private float[][] byOrder(Op.ReluMoments op, Step.Loop step) {
    float[][] out = new float[ORDERS][];
    List<Value> results = step.writes();
    for (int order = 0; order < ORDERS; order++) {
      int index = op.orders().indexOf(order);
      if (index >= 0) {
        out[order] =
            memory.elementwise(step, results.get(index), List.of(op.mean(), op.variance()));
      } else {
        out[order] = order > 0 ? out[order - 1] : new float[results.getFirst().shape().size()];
      }
    }
    return out;
  }
}
