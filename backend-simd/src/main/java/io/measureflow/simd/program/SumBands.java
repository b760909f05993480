package io.measureflow.simd.program;

import io.measureflow.api.program.Shape;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Split;
import io.measureflow.lowering.Splits;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Summation;
import java.util.Optional;

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
    float[] factor = factor(sum, a);
    if (sum.factor().isPresent() && !squared) {
      return (first, end, thread) -> {
        for (int i = first; i < end; i++) {
          double total = 0;
          for (int at = i * inner; at < (i + 1) * inner; at += Kernels.SUM_RUN) {
            int count = Math.min(Kernels.SUM_RUN, (i + 1) * inner - at);
            total += kernels.sumOfProducts(a, factor, at, count);
          }
          out[i] = (float) total;
        }
      };
    }
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

  /**
   * Returns a sum over rows for parts of them, each a run of sums or the rest; empty if it is over
   * something else.
   *
   * @param split how its operand is shared out, with nothing outside of the bands
   * @param to how its result is shared out
   */
  public Optional<Part> part(Step.Sum sum, Split split, Split to) {
    if (to.outer() != 1 || to.inner() != 1) {
      return Optional.empty();
    }
    float[] a = memory.real(sum.a());
    float[] out = memory.result(sum.out());
    int inner = split.inner();
    boolean hasFactor = sum.factor().isPresent();
    float[] factor = factor(sum, a);
    double[] sums = new double[split.extent()];
    return Optional.of(
        (index, first, end) -> {
          int count = end - first;
          double run =
              hasFactor
                  ? kernels.sumOfProducts(a, factor, first, count)
                  : kernels.sum(a, first, count);
          double before = first == index * inner ? 0 : sums[index];
          sums[index] = before + run;
          if (end == (index + 1) * inner) {
            out[index] = (float) sums[index];
          }
        });
  }

  private float[] factor(Step.Sum sum, float[] a) {
    return sum.squared() ? a : sum.factor().map(memory::real).orElse(a);
  }
}
