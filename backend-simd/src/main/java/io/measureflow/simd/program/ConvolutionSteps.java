package io.measureflow.simd.program;

import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.lowering.Step;
import io.measureflow.lowering.Windows;
import io.measureflow.simd.image.Convolution;
import io.measureflow.simd.image.ConvolutionAdjoint;
import io.measureflow.simd.image.ConvolutionGradient;
import io.measureflow.simd.image.Pools;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.product.OwnMemory;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;

/** Steps on images that lie as [C, B, H, W]. */
final class ConvolutionSteps {

  private static final float[] NONE = {};

  /** Planes that a task of a pool takes. */
  private static final int PLANES = 16;

  /** Elements of windows whose gradients a task adds up. */
  private static final int ELEMENTS = 16;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final OwnMemory[] own;
  private final Arena arena;
  private final ProgramMemory memory;

  ConvolutionSteps(
      Kernels kernels, WorkerPool pool, OwnMemory[] own, Arena arena, ProgramMemory memory) {
    this.kernels = kernels;
    this.pool = pool;
    this.own = own;
    this.arena = arena;
    this.memory = memory;
  }

  Command of(Step.Convolve step) {
    Windows windows = step.windows();
    var factors = new ArrayList<Convolution.Factor>();
    for (Step.WindowProduct product : step.products()) {
      factors.add(
          new Convolution.Factor(
              product.squared(),
              memory.real(product.factor().value()),
              product.factor().transposed(),
              product.factor().squared(),
              product.out().shape().dimension(1),
              memory.result(product.out())));
    }
    var convolution =
        new Convolution(
            kernels, windows, memory.real(windows.image()), factors, pool.threads(), arena);
    WorkerPool.Tasks tasks =
        task -> {
          int thread = WorkerPool.numberOfThread();
          convolution.run(task, thread, own[thread]);
        };
    int count = convolution.tasks();
    return () -> pool.run(count, tasks);
  }

  Command of(Step.ConvolveGradient step) {
    Windows windows = step.windows();
    var factors = new ArrayList<ConvolutionGradient.Factor>();
    for (Step.WindowProduct product : step.products()) {
      Shape out = product.out().shape();
      factors.add(
          new ConvolutionGradient.Factor(
              product.squared(),
              memory.real(product.factor().value()),
              out.dimension(product.transposed() ? 1 : 0),
              product.transposed(),
              memory.result(product.out())));
    }
    var gradient =
        new ConvolutionGradient(
            kernels, windows, memory.real(windows.image()), factors, pool.threads(), arena);
    WorkerPool.Tasks tasks =
        task -> {
          int thread = WorkerPool.numberOfThread();
          gradient.run(task, thread, own[thread]);
        };
    int elements = gradient.elements();
    WorkerPool.Tasks finish =
        task -> gradient.finish(task * ELEMENTS, Math.min(elements, (task + 1) * ELEMENTS));
    int count = gradient.tasks();
    int last = Math.ceilDiv(elements, ELEMENTS);
    return () -> {
      pool.run(count, tasks);
      pool.run(last, finish);
    };
  }

  Command of(Step.ConvolveAdjoint step) {
    var terms = new ArrayList<ConvolutionAdjoint.Term>();
    for (Step.ConvolveAdjoint.Term term : step.terms()) {
      Shape factor = term.factor().value().shape();
      terms.add(
          new ConvolutionAdjoint.Term(
              memory.real(term.g()),
              term.g().shape().dimension(1),
              memory.real(term.factor().value()),
              factor.size() / term.g().shape().dimension(1),
              term.factor().transposed(),
              term.factor().squared(),
              term.image().map(memory::real).orElse(NONE),
              (float) term.scale()));
    }
    var adjoint =
        new ConvolutionAdjoint(
            kernels, step.windows(), terms, memory.result(step.out()), pool.threads(), arena);
    WorkerPool.Tasks tasks =
        task -> {
          int thread = WorkerPool.numberOfThread();
          adjoint.run(task, thread, own[thread]);
        };
    int count = adjoint.tasks();
    return () -> pool.run(count, tasks);
  }

  Command of(Step.Pool step) {
    var pools = new Pools(step.op().window());
    float[] out = memory.result(step.out());
    int pixels = step.op().window().pixels();
    return switch (step.op()) {
      case SpatialOp.MaxPool op -> {
        float[] a = memory.real(op.a());
        yield planes(a.length / pixels, plane -> pools.max(a, plane, out));
      }
      case SpatialOp.MaxPoolGradient op -> {
        float[] a = memory.real(op.a());
        float[] g = memory.real(op.g());
        yield planes(a.length / pixels, plane -> pools.maxGradient(a, g, plane, out));
      }
      case SpatialOp.AveragePool op -> {
        float[] a = memory.real(op.a());
        yield planes(a.length / pixels, plane -> pools.average(a, plane, out));
      }
      case SpatialOp.AveragePoolAdjoint op -> {
        float[] g = memory.real(op.a());
        yield planes(out.length / pixels, plane -> pools.averageAdjoint(g, plane, out));
      }
      case SpatialOp.Patches _, SpatialOp.PatchesAdjoint _ ->
          throw new IllegalArgumentException("expected a pool, found " + step);
    };
  }

  private Command planes(int count, WorkerPool.Tasks plane) {
    WorkerPool.Tasks tasks =
        task -> {
          for (int i = task * PLANES; i < Math.min(count, (task + 1) * PLANES); i++) {
            plane.run(i);
          }
        };
    int all = Math.ceilDiv(count, PLANES);
    return () -> pool.run(all, tasks);
  }
}
