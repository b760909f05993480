package io.measureflow.simd.program;

import io.measureflow.api.program.Shape;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Split;
import io.measureflow.lowering.Splits;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Summation;

/** Sums over dimensions, band by band along a dimension that is kept. */
public final class SumBands {

  private final Kernels kernels;
  private final LoweredProgram lowered;
  private final ProgramMemory memory;

  public SumBands(Kernels kernels, LoweredProgram lowered, ProgramMemory memory) {
    this.kernels = kernels;
    this.lowered = lowered;
    this.memory = memory;
  }

  /**
   * Returns a sum.
   *
   * @param split how its operand is shared out
   * @param to how its result is shared out
   */
  public Band of(Step.Sum sum, Split split, Split to) {
    float[] a = memory.real(sum.a());
    float[] out = memory.result(sum.out());
    int extent = split.extent();
    int inner = split.inner();
    int outer = split.outer();
    Shape from = lowered.stored(sum.a());
    Shape kept = lowered.storedWithin(sum.out(), sum.a());
    if (split.outer() > 1 && to.outer() == 1) {
      return (first, end, thread) ->
          Summation.rows(
              kernels,
              a,
              first * inner,
              extent * inner,
              outer,
              out,
              first * inner,
              (end - first) * inner);
    }
    if (Splits.isMiddle(from, kept, 0) && to.inner() == kept.dimension(2) && outer == 1) {
      int columns = kept.dimension(2);
      int run = from.dimension(1);
      return (first, end, thread) -> {
        for (int i = first; i < end; i++) {
          Summation.rows(kernels, a, i * inner, columns, run, out, i * columns, columns);
        }
      };
    }
    if (to.inner() == inner) {
      return (first, end, thread) -> {
        for (int o = 0; o < outer; o++) {
          int at = (o * extent + first) * inner;
          System.arraycopy(a, at, out, at, (end - first) * inner);
        }
      };
    }
    boolean squared = sum.squared();
    return (first, end, thread) -> {
      for (int o = 0; o < outer; o++) {
        Summation.runs(
            kernels,
            a,
            squared,
            (o * extent + first) * inner,
            inner,
            end - first,
            out,
            o * extent + first);
      }
    };
  }
}
