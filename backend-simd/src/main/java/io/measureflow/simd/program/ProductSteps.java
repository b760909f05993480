package io.measureflow.simd.program;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.Epilogue;
import io.measureflow.lowering.Operand;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.Permutation;
import io.measureflow.simd.operations.VectorProduct;
import io.measureflow.simd.product.Epilogue.Consume;
import io.measureflow.simd.product.Epilogue.Consumer;
import io.measureflow.simd.product.Epilogue.Store;
import io.measureflow.simd.product.OwnMemory;
import io.measureflow.simd.product.Product;
import io.measureflow.simd.product.ProductKernels;
import io.measureflow.simd.product.ProductPlan;
import io.measureflow.simd.product.ProductShape;
import io.measureflow.simd.product.ProductTraits;
import io.measureflow.simd.product.Prologue;
import io.measureflow.simd.product.RightPanels;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Products of a program, and the copies of their right factors. */
public final class ProductSteps {

  /** The floating-point operations that are worth a task. */
  private static final double TASK_OPERATIONS = 1 << 18;

  /** Right factors of no more elements are packed on one thread, for each product again. */
  private static final int TINY = 2048;

  /** The elements whose transposition takes much longer than a wait of the threads. */
  private static final long WORTH_A_WAIT = 1 << 18;

  private final Kernels kernels;
  private final ProductKernels products;
  private final ProductTraits traits;
  private final WorkerPool pool;
  private final OwnMemory[] own;
  private final Arena arena;
  private final ProgramMemory memory;
  private final UpdateRules rules;

  /** The packed factors by their values. */
  private final Map<Value, RightPanels> packed = new HashMap<>();

  public ProductSteps(
      Kernels kernels,
      WorkerPool pool,
      OwnMemory[] own,
      Arena arena,
      ProgramMemory memory,
      UpdateRules rules) {
    this.kernels = kernels;
    this.products = kernels.products();
    this.pool = pool;
    this.own = own;
    this.arena = arena;
    this.memory = memory;
    this.rules = rules;
    traits = ProductTraits.of(products);
  }

  /** Returns whether a right factor is packed by a step of its own. */
  public static boolean packs(Step.Product product, int readers) {
    return product.count() == 1
        && !isOfFewRows(product)
        && product.inner() * product.columns() > TINY
        && (product.rows() > ProductPlan.BLOCK_ROWS || readers > 1);
  }

  /** Returns whether a product has so few rows that packing the right factor takes longer. */
  public static boolean isOfFewRows(Step.Product product) {
    return product.rows() <= VectorProduct.FEW_ROWS
        && product.epilogue() instanceof Epilogue.Store
        && VectorProduct.fits(product);
  }

  /** Prepares the copies of a right factor. */
  TaskSet pack(Step.Pack step) {
    var shape =
        new ProductShape(1, step.columns(), step.inner(), false, step.source().transposed());
    float[] source = memory.real(step.source().value());
    Optional<RightPanels> squares =
        step.squares().map(out -> packed(out, shape, Prologue.of(true, step.gradient()), source));
    RightPanels panels =
        step.elements()
            .map(out -> packed(out, shape, Prologue.of(false, step.gradient()), source))
            .or(() -> squares)
            .orElseThrow();
    Optional<RightPanels> also = step.elements().isPresent() ? squares : Optional.empty();
    return new TaskSet(
        panels.tasks(), task -> panels.pack(task, also, own[WorkerPool.numberOfThread()]));
  }

  private RightPanels packed(Value out, ProductShape shape, Prologue prologue, float[] source) {
    var panels = new RightPanels(products, plan(shape), shape, prologue, source, arena);
    packed.put(out, panels);
    return panels;
  }

  private ProductPlan plan(ProductShape shape) {
    return ProductPlan.of(shape, traits, pool.threads());
  }

  /**
   * Prepares a product that is computed band by band.
   *
   * @param before receives what is computed before all bands
   */
  public Band band(Step.Product step, int extent, List<Command> before) {
    ProductShape shape = shape(step);
    ProductPlan plan = plan(shape);
    Product product = product(step, memory.real(step.left().value()), shape, plan, before);
    int outer = step.rows() / extent;
    RightPanels right;
    if (step.right().packed()) {
      right = packed(step);
    } else {
      right = unpacked(step, shape, plan);
      WorkerPool.Tasks tasks =
          task -> right.pack(task, Optional.empty(), own[WorkerPool.numberOfThread()]);
      before.add(
          step.inner() * step.columns() > TINY
              ? () -> pool.run(right.tasks(), tasks)
              : () -> right.pack(0, plan.panels(), 0, own[0]));
    }
    return (from, to, thread) -> {
      for (int o = 0; o < outer; o++) {
        product.rows(o * extent + from, o * extent + to, right, own[thread]);
      }
    };
  }

  /** Prepares a product that is computed block by block, independent of other steps. */
  public TaskSet tasks(Step.Product step, List<Command> before) {
    ProductShape shape = shape(step);
    ProductPlan plan = plan(shape);
    float[] left = memory.real(step.left().value());
    if (shape.leftTransposed() && (plan.groups() - 1L) * left.length >= WORTH_A_WAIT) {
      // Once, not for each group of panels.
      float[] rows = new float[left.length];
      Shape stored = Shape.of(shape.inner(), shape.rows());
      before.add(Permutation.of(pool, left, stored, List.of(1, 0), rows));
      left = rows;
      shape =
          new ProductShape(
              shape.rows(), shape.columns(), shape.inner(), false, shape.rightTransposed());
    }
    Product product = product(step, left, shape, plan, before);
    if (step.right().packed()) {
      RightPanels right = packed(step);
      return new TaskSet(
          plan.tasks(),
          task -> product.run(task, 0, right, false, own[WorkerPool.numberOfThread()]));
    }
    // Panels that one task alone reads can share memory; else each thread has its own.
    var rights = new ArrayList<RightPanels>();
    for (int thread = 0; thread < pool.threads(); thread++) {
      rights.add(
          thread > 0 && plan.hasPanelsOfOwn() ? rights.getFirst() : unpacked(step, shape, plan));
    }
    return new TaskSet(
        plan.tasks(),
        task -> {
          int thread = WorkerPool.numberOfThread();
          product.run(task, 0, rights.get(thread), true, own[thread]);
        });
  }

  /** Prepares a product, or a stack of them, as a whole. */
  Command whole(Step.Product step, List<Command> before) {
    if (isOfFewRows(step)) {
      Value out = ((Epilogue.Store) step.epilogue()).out();
      return new VectorProduct(
          kernels,
          pool,
          step,
          memory.real(step.left().value()),
          memory.real(step.right().value()),
          memory.result(out));
    }
    TaskSet set = step.count() == 1 ? tasks(step, before) : stack(step, before);
    return () -> pool.run(set.count(), set.tasks());
  }

  /** Prepares a stack of products; a task computes some of them. */
  private TaskSet stack(Step.Product step, List<Command> before) {
    ProductShape shape = shape(step);
    ProductPlan plan = plan(shape);
    Product product = product(step, memory.real(step.left().value()), shape, plan, before);
    var rights = new ArrayList<RightPanels>();
    for (int thread = 0; thread < pool.threads(); thread++) {
      rights.add(unpacked(step, shape, plan));
    }
    int count = step.count();
    int perTask =
        count == 0 ? 1 : (int) Math.clamp(TASK_OPERATIONS * count / step.operations(), 1, count);
    return new TaskSet(
        Math.ceilDiv(count, perTask),
        task -> {
          int thread = WorkerPool.numberOfThread();
          RightPanels right = rights.get(thread);
          for (int i = task * perTask; i < Math.min(count, (task + 1) * perTask); i++) {
            right.pack(0, plan.panels(), i, own[thread]);
            for (int block = 0; block < plan.tasks(); block++) {
              product.run(block, i, right, false, own[thread]);
            }
          }
        });
  }

  private static ProductShape shape(Step.Product step) {
    return new ProductShape(
        step.rows(),
        step.columns(),
        step.inner(),
        step.left().transposed(),
        step.right().transposed());
  }

  private RightPanels packed(Step.Product step) {
    return Objects.requireNonNull(packed.get(step.right().value()));
  }

  private RightPanels unpacked(Step.Product step, ProductShape shape, ProductPlan plan) {
    Operand right = step.right();
    Prologue prologue = Prologue.of(right.squared(), step.epilogue() instanceof Epilogue.Update);
    return new RightPanels(products, plan, shape, prologue, memory.real(right.value()), arena);
  }

  private Product product(
      Step.Product step, float[] left, ProductShape shape, ProductPlan plan, List<Command> before) {
    var epilogue =
        switch (step.epilogue()) {
          case Epilogue.Store(Value out) -> new Store(memory.result(out), step.columns());
          case Epilogue.Update(Op.Update update, Epilogue.Factor factor) ->
              new Consume(update(update, factor, step.columns(), before));
        };
    return new Product(
        products, plan, shape, left, Prologue.of(step.left().squared(), false), epilogue);
  }

  /** Returns what updates a state by a gradient that a product computes. */
  private Consumer update(
      Op.Update update, Epilogue.Factor factor, int width, List<Command> before) {
    List<float[]> states =
        update.changed().stream().map(state -> memory.state(state).elements()).toList();
    UpdateRule rule = rules.of(update, states, before);
    float[] scales = rules.scales(update);
    return switch (factor) {
      case Epilogue.Factor.One _ ->
          (row, rows, column, columns, sums, from, stride) -> {
            for (int i = 0; i < rows; i++) {
              float scale = scales[(row + i) % scales.length];
              rule.apply(scale, (row + i) * width + column, columns, sums, from + i * stride);
            }
          };
      case Epilogue.Factor.Affine(Value value, double scale, double shift) -> {
        float[] x = memory.real(value);
        float a = (float) scale;
        float b = (float) shift;
        yield (row, rows, column, columns, sums, from, stride) -> {
          for (int i = 0; i < rows; i++) {
            int at = (row + i) * width + column;
            int g = from + i * stride;
            kernels.multiplyByAffine(sums, g, x, at, columns, a, b);
            rule.apply(scales[(row + i) % scales.length], at, columns, sums, g);
          }
        };
      }
    };
  }
}
