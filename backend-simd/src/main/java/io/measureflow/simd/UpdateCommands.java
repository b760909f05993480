package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.Map;

/**
 * Commands for updates of states. The states that an update changes normally have the same layout.
 * If they do not, because of earlier programs of the workspace, the update works on copies.
 */
final class UpdateCommands {

  /** Rows shorter than this are not worth a loop each. */
  private static final int SHORT_ROW = 32;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final CommandList commands;
  private final ValueMemory memory;
  private final DefUse defUse;
  private final Map<Value, State> states;

  UpdateCommands(
      Kernels kernels,
      WorkerPool pool,
      CommandList commands,
      ValueMemory memory,
      DefUse defUse,
      Map<Value, State> states) {
    this.kernels = kernels;
    this.pool = pool;
    this.commands = commands;
    this.memory = memory;
    this.defUse = defUse;
    this.states = states;
  }

  /** Adds the commands of an update. */
  void update(Op.Update update) {
    switch (update) {
      case Op.Assign op -> {
        float[] state = changing(op, op.state());
        float[] value = operand(op, op.value());
        commands.elementwise(
            state.length,
            CommandList.CHUNK,
            (from, to) -> System.arraycopy(value, from, state, from, to - from));
      }
      case Op.EulerStep op -> descend(op);
      case Op.MomentumStep op -> momentum(op);
      case Op.AdamStep op -> adam(op);
      case Op.LogNormalize op -> {
        float[] theta = changing(op, op.state());
        commands.add(() -> Updates.logNormalize(theta));
      }
    }
    finish(update);
  }

  /** Returns the layout in which an update works: one without panels. */
  private Layout layout(Op.Update op) {
    List<Layout> found =
        op.changed().stream().map(state -> state(state).layout()).distinct().toList();
    return found.size() == 1 && !found.getFirst().isInPanels()
        ? found.getFirst()
        : Layout.plain(op.state().shape().rank());
  }

  State state(Value value) {
    State state = states.get(value);
    if (state == null) {
      throw new IllegalArgumentException("expected a state, found " + value);
    }
    return state;
  }

  /** Returns the memory of a state while an update changes it. */
  private float[] changing(Op.Update op, Value value) {
    State state = state(value);
    return state.layout().equals(layout(op)) ? state.elements() : memory.real(value);
  }

  /** Copies back what an update changed in copies. */
  private void finish(Op.Update op) {
    for (Value value : op.changed()) {
      State state = state(value);
      if (!state.layout().equals(layout(op))) {
        commands.add(state.pack(pool, memory.real(value)));
      }
    }
  }

  /** Returns an operand of an update, in the layout in which it works. */
  private float[] operand(Op.Update op, Value value) {
    Layout layout = layout(op);
    State state = states.get(value);
    if (state != null && state.layout().equals(layout)) {
      return state.elements();
    }
    if (layout.isPlain()) {
      return memory.real(value);
    }
    Instruction definition = defUse.definition(value);
    if (definition != null
        && definition.op() instanceof Op.Permute permute
        && permute.inverse().equals(layout.order())) {
      return memory.real(permute.a());
    }
    float[] moved = new float[value.shape().size()];
    commands.add(Permutation.of(pool, memory.real(value), value.shape(), layout.order(), moved));
    return moved;
  }

  /** Returns whether a permutation only undoes the storage order of states. */
  boolean isForUpdatesAlone(Op.Permute op, Value result) {
    return !defUse.isOutput(result)
        && states.get(op.a()) == null
        && defUse.readers(result).stream()
            .allMatch(
                reader ->
                    reader.op() instanceof Op.Update update
                        && !layout(update).isPlain()
                        && op.inverse().equals(layout(update).order()));
  }

  private void applyPerRow(Op.Update op, Value scale, Updates.Rule rule) {
    float[] scales = memory.real(scale);
    int size = op.state().shape().size();
    int width = scale.shape().rank() == 0 ? size : run(op);
    commands.elementwise(
        size, CommandList.CHUNK, (from, to) -> Updates.perRow(scales, width, from, to, rule));
  }

  /** Returns the number of consecutive elements per index of the first axis. */
  private int run(Op.Update op) {
    return layout(op).run(op.state().shape());
  }

  private void descend(Op.EulerStep op) {
    float[] theta = changing(op, op.state());
    float[] g = operand(op, op.gradient());
    float[] rate = memory.real(op.rate());
    float[] scales = memory.real(op.scale());
    int width = run(op);
    if (scales.length == 1 || width > SHORT_ROW || theta.length != scales.length * width) {
      applyPerRow(
          op, op.scale(), (c, from, to) -> Updates.descend(theta, g, rate[0] * c, from, to));
      return;
    }
    // Short rows: the loop is over elements, each with its own step size.
    float[] perRow = new float[scales.length];
    float[] steps = new float[theta.length];
    commands.rowLoop(
        scales.length,
        width,
        CommandList.CHUNK,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            perRow[row] = rate[0] * scales[row];
          }
          kernels.repeatEach(perRow, from, to - from, width, steps, from * width);
          Updates.descend(theta, g, steps, from * width, to * width);
        });
  }

  private void momentum(Op.MomentumStep op) {
    float[] theta = changing(op, op.state());
    float[] u = changing(op, op.velocity());
    float[] g = operand(op, op.gradient());
    float[] rate = memory.real(op.rate());
    float momentum = (float) op.momentum();
    applyPerRow(
        op,
        op.scale(),
        (c, from, to) -> {
          Updates.average(u, momentum, g, c, from, to);
          if (op.nesterov()) {
            Updates.descend(theta, g, rate[0] * c, from, to);
            Updates.descend(theta, u, rate[0] * momentum, from, to);
          } else {
            Updates.descend(theta, u, rate[0], from, to);
          }
        });
  }

  private void adam(Op.AdamStep op) {
    float[] theta = changing(op, op.state());
    float[] first = changing(op, op.first());
    float[] second = changing(op, op.second());
    float[] g = operand(op, op.gradient());
    float[] rate = memory.real(op.rate());
    float[] stepNumber = memory.real(op.stepNumber());
    float beta1 = (float) op.beta1();
    float beta2 = (float) op.beta2();
    float weight1 = (float) (1 - op.beta1());
    float weight2 = (float) (1 - op.beta2());
    float epsilon = (float) op.epsilon();
    float weightDecay = (float) op.weightDecay();
    float[] correction = new float[2];
    commands.add(
        () -> {
          correction[0] = (float) (1 / (1 - Math.pow(op.beta1(), stepNumber[0])));
          correction[1] = (float) (1 / (1 - Math.pow(op.beta2(), stepNumber[0])));
        });
    applyPerRow(
        op,
        op.scale(),
        (c, from, to) -> {
          Updates.average(first, beta1, g, weight1 * c, from, to);
          Updates.averageSquares(second, beta2, g, c, weight2, from, to);
          Updates.descendScaled(
              theta,
              rate[0] * weightDecay,
              first,
              rate[0] * correction[0],
              second,
              correction[1],
              epsilon,
              from,
              to);
        });
  }
}
