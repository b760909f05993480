package io.measureflow.simd.program;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.Epilogue;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Region;
import io.measureflow.lowering.Split;
import io.measureflow.lowering.Splits;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.Losses;
import io.measureflow.simd.operations.Permutation;
import io.measureflow.simd.operations.Summation;
import io.measureflow.simd.product.ProductPlan;
import io.measureflow.simd.product.Prologue;
import io.measureflow.simd.threads.WorkerPool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Compiles regions to tasks, and single steps to commands. */
public final class RegionCompiler {

  /** The work of a task, in multiply-adds, that is many times the cost of a wait. */
  private static final double TASK_WORK = 1 << 16;

  /** The work of an element of a loop, in multiply-adds. */
  private static final double LOOP_WORK = 8;

  private static final int TASKS_PER_THREAD = 3;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final LoweredProgram lowered;
  private final ProgramMemory memory;
  private final ProductSteps products;
  private final ConvolutionSteps convolutions;
  private final LoopBands loops;
  private final SumBands sums;
  private final UpdateRules rules;
  private final WholeSteps wholes;

  /** The steps that read a value. */
  private final Map<Value, List<Step>> readers = new HashMap<>();

  RegionCompiler(
      Kernels kernels,
      WorkerPool pool,
      LoweredProgram lowered,
      ProgramMemory memory,
      ProductSteps products,
      ConvolutionSteps convolutions,
      UpdateRules rules) {
    this.kernels = kernels;
    this.pool = pool;
    this.lowered = lowered;
    this.memory = memory;
    this.products = products;
    this.convolutions = convolutions;
    this.rules = rules;
    loops = new LoopBands(kernels, lowered, memory);
    sums = new SumBands(kernels, lowered, memory);
    wholes = new WholeSteps(kernels, pool, lowered, memory);
    for (Step step : lowered.steps()) {
      for (Value read : step.reads()) {
        readers.computeIfAbsent(lowered.memory(read), v -> new ArrayList<>()).add(step);
      }
    }
  }

  /**
   * Returns the tasks of a region.
   *
   * @param before receives what is computed before them
   */
  public TaskSet region(Region region, List<Command> before) {
    if (region.steps().size() == 1) {
      Step only = region.steps().getFirst();
      if (only instanceof Step.Pack pack) {
        return products.pack(pack);
      }
      if (only instanceof Step.Product product) {
        return products.tasks(product, before);
      }
    }
    var bands = new ArrayList<Band>();
    var longRows = new LongRows(kernels, lowered, memory, loops, sums, readers, region, bands);
    for (Step step : region.steps()) {
      if (!longRows.add(step, step instanceof Step.Loop loop ? flushes(loop) : 0)) {
        add(step, region.extent(), region.splits(), bands, before);
      }
    }
    longRows.end();
    Band[] all = bands.toArray(Band[]::new);
    int rows = rowsPerTask(region);
    int extent = region.extent();
    return new TaskSet(
        Math.ceilDiv(extent, rows),
        task -> {
          int thread = WorkerPool.numberOfThread();
          int from = task * rows;
          int to = Math.min(extent, from + rows);
          for (Band band : all) {
            band.run(from, to, thread);
          }
        });
  }

  private int rowsPerTask(Region region) {
    double work = 0;
    boolean hasProducts = false;
    for (Step step : region.steps()) {
      if (step instanceof Step.Product product) {
        work += product.operations() / 2;
        hasProducts = true;
      } else {
        for (Value value : step.writes()) {
          work += LOOP_WORK * value.shape().size();
        }
        for (Value value : step.changes()) {
          work += LOOP_WORK * value.shape().size();
        }
      }
    }
    int extent = region.extent();
    int unit = hasProducts ? Math.min(4, extent) : 1;
    int threads = pool.threads();
    int least = hasProducts ? Math.ceilDiv(extent, ProductPlan.BLOCK_ROWS) : 1;
    int most =
        threads == 1
            ? least
            : (int)
                Math.clamp(work / TASK_WORK, least, Math.max(least, TASKS_PER_THREAD * threads));
    // The number of tasks whose largest share for a thread is the smallest.
    int best = unit;
    int bestShare = Integer.MAX_VALUE;
    for (int tasks = least; tasks <= Math.max(most, least + threads); tasks++) {
      int rows = Math.ceilDiv(Math.ceilDiv(extent, tasks), unit) * unit;
      int share = Math.ceilDiv(Math.ceilDiv(extent, rows), threads) * rows;
      if (share < bestShare) {
        best = rows;
        bestShare = share;
      }
    }
    return Math.max(1, best);
  }

  /** Returns the command of a step that is computed before the regions of its phase. */
  public Command first(Step step) {
    var commands = new ArrayList<Command>();
    switch (step) {
      case Step.Whole whole -> commands.add(wholes.of(whole.instruction()));
      case Step.Copy(Value state, Value out) ->
          commands.add(memory.state(state).unpack(pool, memory.alone(out)));
      case Step.Mean(Value losses, Value out) -> {
        double[] rows = memory.losses(losses);
        float[] mean = memory.result(out);
        commands.add(() -> mean[0] = Losses.mean(rows));
      }
      case Step.Convolve convolve -> commands.add(convolutions.of(convolve));
      case Step.ConvolveGradient gradient -> commands.add(convolutions.of(gradient));
      case Step.ConvolveAdjoint adjoint -> commands.add(convolutions.of(adjoint));
      case Step.Pool pools -> commands.add(convolutions.of(pools));
      case Step.Product product -> {
        Command command = products.whole(product, commands);
        commands.add(command);
      }
      case Step.Pack pack -> {
        TaskSet tasks = products.pack(pack);
        commands.add(() -> pool.run(tasks.count(), tasks.tasks()));
      }
      case Step.Loop _, Step.Sum _, Step.CrossEntropy _, Step.Change _ -> bands(step, commands);
    }
    return commands.size() == 1
        ? commands.getFirst()
        : () -> {
          for (int i = 0; i < commands.size(); i++) {
            commands.get(i).run();
          }
        };
  }

  /** Compiles a step of bands to a command. */
  private void bands(Step step, List<Command> commands) {
    if (step instanceof Step.Loop loop && loop.writes().getFirst().shape().size() <= 1) {
      Value out = loop.writes().getFirst();
      if (out.shape().size() == 0) {
        loop.writes().forEach(memory::result);
        return;
      }
      var split = new Split(1, 1, 1);
      var bands = new ArrayList<Band>();
      loop(loop, split, bands);
      Band[] all = bands.toArray(Band[]::new);
      commands.add(
          () -> {
            for (Band band : all) {
              band.run(0, 1, 0);
            }
          });
      return;
    }
    for (int extent : Splits.extents(lowered, step)) {
      Optional<Map<Value, Split>> splits = Splits.of(lowered, List.of(step), extent);
      if (splits.isPresent()) {
        var bands = new ArrayList<Band>();
        var before = new ArrayList<Command>();
        add(step, extent, splits.get(), bands, before);
        Band[] all = bands.toArray(Band[]::new);
        commands.addAll(before);
        commands.add(
            () -> {
              for (Band band : all) {
                band.run(0, extent, 0);
              }
            });
        return;
      }
    }
    switch (step) {
      case Step.Sum sum ->
          commands.add(
              Summation.of(
                  kernels,
                  pool,
                  memory.real(sum.a()),
                  lowered.stored(sum.a()),
                  memory.result(sum.out()),
                  lowered.storedWithin(sum.out(), sum.a()),
                  sum.squared()));
      case Step.Change change -> change(change.update(), commands);
      case Step.Loop loop -> {
        if (loop.writes().getFirst().shape().size() > 0) {
          commands.add(loops.whole(loop, pool));
        } else {
          // Nothing to compute, but its memory.
          loop.writes().forEach(memory::result);
        }
      }
      case Step.CrossEntropy entropy -> {
        entropy.gradient().ifPresent(memory::result);
        memory.losses(entropy.losses());
      }
      case Step.Product _,
          Step.Pack _,
          Step.Convolve _,
          Step.ConvolveGradient _,
          Step.ConvolveAdjoint _,
          Step.Pool _,
          Step.Mean _,
          Step.Copy _,
          Step.Whole _ ->
          throw new IllegalArgumentException("expected a step with bands, found " + step);
    }
  }

  private void add(
      Step step, int extent, Map<Value, Split> splits, List<Band> bands, List<Command> before) {
    switch (step) {
      case Step.Product product -> bands.add(products.band(product, extent, before));
      case Step.Loop loop -> loop(loop, split(splits, loop.writes().getFirst()), bands);
      case Step.Sum sum ->
          bands.add(sums.of(sum, split(splits, sum.a()), split(splits, sum.out())));
      case Step.CrossEntropy entropy -> bands.add(crossEntropy(entropy, before));
      case Step.Change(Op.Update update) -> {
        List<float[]> states =
            update.changed().stream().map(state -> memory.state(state).elements()).toList();
        UpdateRule rule = rules.of(update, states, before);
        float[] g = memory.real(Step.gradient(update));
        bands.add(update(rule, rules.scales(update), g, split(splits, update.state())));
      }
      case Step.Pack _,
          Step.Convolve _,
          Step.ConvolveGradient _,
          Step.ConvolveAdjoint _,
          Step.Pool _,
          Step.Mean _,
          Step.Copy _,
          Step.Whole _ ->
          throw new IllegalArgumentException("expected a step with bands, found " + step);
    }
  }

  private Split split(Map<Value, Split> splits, Value value) {
    return Objects.requireNonNull(splits.get(lowered.memory(value)));
  }

  private void loop(Step.Loop loop, Split split, List<Band> bands) {
    bands.add(loops.of(loop, split));
    float least = flushes(loop);
    if (least > 0 && split.size() > 0) {
      bands.add(loops.flush(loop.writes().getFirst(), split, least));
    }
  }

  /**
   * Returns what is so tiny in the result of a loop that it becomes 0; 0 for nothing.
   *
   * <p>Far from its kink a moment almost vanishes, and so do the gradients behind it: a few
   * thousandths of subnormal elements made their product five times slower. They become 0 where
   * elementwise arithmetic ends and products or sums begin.
   */
  private float flushes(Step.Loop loop) {
    boolean isArithmetic =
        switch (loop.op()) {
          case Op.Unary _, Op.Binary _, Op.Affine _, Op.Select _ -> true;
          // Moments that would be subnormal may be 0 already; copies are as their source.
          case Op.ReluMoments _, Op.BroadcastTo _ -> false;
        };
    Value out = loop.writes().getFirst();
    List<Step> readers = this.readers.getOrDefault(lowered.memory(out), List.of());
    boolean endsHere = !readers.stream().allMatch(reader -> reader instanceof Step.Loop);
    if (!isArithmetic || !endsHere) {
      return 0;
    }
    boolean isGradient =
        readers.stream()
            .allMatch(
                reader ->
                    reader instanceof Step.Product product
                        && product.epilogue() instanceof Epilogue.Update);
    return isGradient ? Prologue.TINY : Float.MIN_NORMAL;
  }

  private Band crossEntropy(Step.CrossEntropy step, List<Command> before) {
    float[] logits = memory.real(step.logits());
    int[] labels = memory.integer(step.labels());
    int width = step.logits().shape().dimension(1);
    double[] losses = memory.losses(step.losses());
    float[] exponentials =
        step.gradient()
            .map(memory::result)
            .orElseGet(() -> new float[step.logits().shape().size()]);
    before.add(() -> Losses.checkLabels(labels, width));
    boolean hasGradient = step.gradient().isPresent();
    return (from, to, thread) -> {
      Losses.crossEntropy(kernels, logits, labels, width, from, to, exponentials, losses);
      if (hasGradient) {
        Losses.crossEntropyGradient(kernels, exponentials, labels, width, from, to, exponentials);
      }
    };
  }

  private static Band update(UpdateRule rule, float[] scales, float[] g, Split split) {
    int inner = split.inner();
    int extent = split.extent();
    if (scales.length == 1) {
      return (from, to, thread) -> {
        for (int o = 0; o < split.outer(); o++) {
          int at = (o * extent + from) * inner;
          rule.apply(scales[0], at, (to - from) * inner, g, at);
        }
      };
    }
    return (from, to, thread) -> {
      for (int o = 0; o < split.outer(); o++) {
        for (int i = from; i < to; i++) {
          int at = (o * extent + i) * inner;
          rule.apply(scales[i], at, inner, g, at);
        }
      }
    };
  }

  /**
   * Compiles an update that has no bands: of a scalar, or of states that lie in different orders.
   */
  private void change(Op.Update update, List<Command> commands) {
    if (update instanceof Op.LogNormalize normalize) {
      float[] theta = memory.state(normalize.state()).elements();
      commands.add(() -> UpdateRules.logNormalize(theta));
      return;
    }
    // All in the order of the first state.
    State first = memory.state(update.state());
    var states = new ArrayList<float[]>();
    var after = new ArrayList<Command>();
    for (Value changed : update.changed()) {
      State state = memory.state(changed);
      if (state.order().equals(first.order())) {
        states.add(state.elements());
      } else {
        float[] plain = new float[state.elements().length];
        float[] moved = new float[state.elements().length];
        var stored = first.order().stored(state.shape());
        commands.add(state.unpack(pool, plain));
        commands.add(Permutation.of(pool, plain, state.shape(), first.order().axes(), moved));
        states.add(moved);
        after.add(Permutation.of(pool, moved, stored, first.order().inverse().axes(), plain));
        after.add(state.pack(pool, plain));
      }
    }
    Value gradient = Step.gradient(update);
    float[] g = memory.real(gradient);
    if (!lowered.order(gradient).equals(first.order())) {
      var from = lowered.order(gradient);
      float[] plain = g;
      if (!from.isPlain()) {
        plain = new float[g.length];
        commands.add(
            Permutation.of(pool, g, lowered.stored(gradient), from.inverse().axes(), plain));
      }
      float[] moved = new float[g.length];
      commands.add(Permutation.of(pool, plain, gradient.shape(), first.order().axes(), moved));
      g = moved;
    }
    UpdateRule rule = rules.of(update, List.copyOf(states), commands);
    float[] scales = rules.scales(update);
    float[] elements = g;
    int size = first.elements().length;
    int run = scales.length == 1 ? Math.max(1, size) : first.order().run(first.shape());
    commands.add(
        () -> {
          for (int at = 0; at < size; at += run) {
            rule.apply(scales[at / run % scales.length], at, run, elements, at);
          }
        });
    commands.addAll(after);
  }
}
