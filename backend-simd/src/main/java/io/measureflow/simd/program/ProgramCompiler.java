package io.measureflow.simd.program;

import io.measureflow.api.program.Value;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Phase;
import io.measureflow.lowering.Region;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.product.OwnMemory;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compiles phases to commands over memory that is allocated here, once. */
public final class ProgramCompiler {

  private final WorkerPool pool;
  private final LoweredProgram lowered;
  private final List<Phase> phases;
  private final ProgramMemory memory;
  private final RegionCompiler regions;

  /**
   * Creates a compiler with the memory of inputs and states; that of results is added.
   *
   * @param reals the memory of inputs of real numbers
   * @param integers the memory of integer inputs
   * @param arena owns the memory outside the heap
   */
  public ProgramCompiler(
      Kernels kernels,
      WorkerPool pool,
      OwnMemory[] own,
      Arena arena,
      LoweredProgram lowered,
      List<Phase> phases,
      Map<Value, float[]> reals,
      Map<Value, int[]> integers,
      Map<Value, State> states) {
    this.pool = pool;
    this.lowered = lowered;
    this.phases = phases;
    memory = new ProgramMemory(lowered, phases, reals, integers, states);
    var rules = new UpdateRules(kernels, memory);
    var products = new ProductSteps(kernels, pool, own, arena, memory, rules);
    var convolutions = new ConvolutionSteps(kernels, pool, arena, memory);
    regions = new RegionCompiler(kernels, pool, lowered, memory, products, convolutions, rules);
  }

  /** Compiles the phases to commands in order. */
  public List<Command> compile() {
    var commands = new ArrayList<Command>();
    for (int phase = 0; phase < phases.size(); phase++) {
      for (Step step : phases.get(phase).first()) {
        commands.add(regions.first(step));
      }
      var sets = new ArrayList<TaskSet>();
      for (Region region : phases.get(phase).regions()) {
        TaskSet set = regions.region(region, commands);
        if (set.count() > 0) {
          sets.add(set);
        }
      }
      if (!sets.isEmpty()) {
        commands.add(together(sets));
      }
      memory.endPhase(phase);
    }
    lowered.program().outputs().values().forEach(output -> memory.provide(output, pool, commands));
    return List.copyOf(commands);
  }

  /** Returns a command that runs independent tasks, without a wait between the sets. */
  private Command together(List<TaskSet> sets) {
    int[] ends = new int[sets.size()];
    WorkerPool.Tasks[] tasks = new WorkerPool.Tasks[sets.size()];
    int count = 0;
    for (int i = 0; i < ends.length; i++) {
      count += sets.get(i).count();
      ends[i] = count;
      tasks[i] = sets.get(i).tasks();
    }
    int all = count;
    WorkerPool.Tasks each =
        task -> {
          int set = 0;
          while (task >= ends[set]) {
            set++;
          }
          tasks[set].run(set == 0 ? task : task - ends[set - 1]);
        };
    return () -> pool.run(all, each);
  }

  /** Returns the memory of an output; null if nothing assigns it. */
  public float @Nullable [] output(Value output) {
    return memory.output(output);
  }
}
