package io.measureflow.simd.program;

import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import io.measureflow.lowering.Step;
import io.measureflow.lowering.Windows;
import io.measureflow.simd.image.Convolution;
import io.measureflow.simd.image.ConvolutionAdjoint;
import io.measureflow.simd.image.ConvolutionGradient;
import io.measureflow.simd.image.ImageKernels;
import io.measureflow.simd.image.ImageWarmUp;
import io.measureflow.simd.image.Pools;
import io.measureflow.simd.image.WeightBlocks;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.product.ProductKernels;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;

/** Steps on images that lie as [C, H, W, B]. */
final class ConvolutionSteps {

  private static final float[] NONE = {};

  /** Elements of windows whose gradients a task adds up. */
  private static final int ELEMENTS = 16;

  private final ProductKernels products;
  private final ImageKernels kernels;
  private final WorkerPool pool;
  private final Arena arena;
  private final ProgramMemory memory;

  ConvolutionSteps(Kernels kernels, WorkerPool pool, Arena arena, ProgramMemory memory) {
    products = kernels.products();
    this.kernels = kernels.images();
    this.pool = pool;
    this.arena = arena;
    this.memory = memory;
  }

  Command of(Step.Convolve step) {
    ImageWarmUp.run(kernels);
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
    WorkerPool.Tasks parts = part -> convolution.run(part, WorkerPool.numberOfThread());
    return weighted(convolution.weights(), convolution.parts(), parts);
  }

  /** Packs weights, and then computes parts. */
  private Command weighted(WeightBlocks weights, int count, WorkerPool.Tasks parts) {
    int blocks = weights.count();
    return () -> {
      pool.run(blocks, weights::pack);
      pool.run(count, parts);
    };
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
            products,
            kernels,
            windows,
            memory.real(windows.image()),
            factors,
            pool.threads(),
            arena);
    WorkerPool.Tasks parts = part -> gradient.run(part, WorkerPool.numberOfThread());
    int elements = gradient.elements();
    WorkerPool.Tasks finish =
        task -> gradient.finish(task * ELEMENTS, Math.min(elements, (task + 1) * ELEMENTS));
    int count = gradient.parts();
    int last = Math.ceilDiv(elements, ELEMENTS);
    return () -> {
      pool.run(count, parts);
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
    WorkerPool.Tasks parts = part -> adjoint.run(part, WorkerPool.numberOfThread());
    return weighted(adjoint.weights(), adjoint.parts(), parts);
  }

  Command of(Step.Pool step) {
    Window window = step.op().window();
    float[] out = memory.result(step.out());
    Shape images = image(step).shape();
    int channels = images.dimension(1);
    var pools = new Pools(kernels, window, images.dimension(0) / window.pixels());
    return switch (step.op()) {
      case SpatialOp.MaxPool op -> {
        float[] a = memory.real(op.a());
        yield planes(channels, plane -> pools.max(a, plane, out));
      }
      case SpatialOp.MaxPoolGradient op -> {
        float[] a = memory.real(op.a());
        float[] g = memory.real(op.g());
        yield planes(channels, plane -> pools.maxGradient(a, g, plane, out));
      }
      case SpatialOp.AveragePool op -> {
        float[] a = memory.real(op.a());
        yield planes(channels, plane -> pools.average(a, plane, out));
      }
      case SpatialOp.AveragePoolAdjoint op -> {
        float[] g = memory.real(op.a());
        yield planes(channels, plane -> pools.averageAdjoint(g, plane, out));
      }
      case SpatialOp.Patches _, SpatialOp.PatchesAdjoint _ ->
          throw new IllegalArgumentException("expected a pool, found " + step);
    };
  }

  /** Returns the images whose pixels the windows of a pool take. */
  private static Value image(Step.Pool step) {
    return step.op() instanceof SpatialOp.AveragePoolAdjoint
        ? step.out()
        : step.op().inputs().getFirst();
  }

  private Command planes(int count, WorkerPool.Tasks plane) {
    return () -> pool.run(count, plane);
  }
}
