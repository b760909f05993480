package io.measureflow.lowering;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Renders a lowered program and its phases, for display. */
public final class PlanText {

  private static final int WIDTH = 100;

  private final LoweredProgram lowered;
  private final List<Phase> phases;
  private final StringBuilder out = new StringBuilder();

  private PlanText(LoweredProgram lowered, List<Phase> phases) {
    this.lowered = lowered;
    this.phases = phases;
  }

  /** Returns the text of a program. */
  public static String of(LoweredProgram lowered, List<Phase> phases) {
    var text = new PlanText(lowered, phases);
    text.passes();
    text.steps();
    text.temporaries();
    return text.out.toString();
  }

  /** What the passes before the phases have decided. */
  private void passes() {
    line("program %s", lowered.program().name());
    var states = new HashSet<>(lowered.program().states());
    String ordered =
        lowered.program().states().stream()
            .filter(state -> !lowered.stateOrder(state).isPlain())
            .map(state -> state.name() + " " + lowered.stateOrder(state).axes())
            .collect(Collectors.joining(", "));
    line("pass StateOrders, axes in memory: %s", orNone(ordered));
    String oriented =
        lowered.orders().keySet().stream()
            .filter(value -> !states.contains(value))
            .sorted((a, b) -> Integer.compare(a.id(), b.id()))
            .map(PlanText::name)
            .collect(Collectors.joining(" "));
    line("pass Orientation, batch innermost: %s", orNone(oriented));
    String fused =
        products()
            .filter(product -> product.epilogue() instanceof Epilogue.Update)
            .map(product -> product.changes().getFirst().name())
            .collect(Collectors.joining(", "));
    line("pass UpdateFusion, updated by their products: %s", orNone(fused));
    String packed =
        lowered.steps().stream()
            .filter(Step.Pack.class::isInstance)
            .map(step -> text(step))
            .collect(Collectors.joining(", "));
    line("pass Packing: %s", orNone(packed));
    line("pass Schedule: %d phases", phases.size());
  }

  private Stream<Step.Product> products() {
    return lowered.steps().stream()
        .filter(Step.Product.class::isInstance)
        .map(Step.Product.class::cast);
  }

  private static String orNone(String text) {
    return text.isEmpty() ? "none" : text;
  }

  private void steps() {
    double operations = 0;
    for (int i = 0; i < phases.size(); i++) {
      Phase phase = phases.get(i);
      line("phase %d", i);
      for (Step step : phase.first()) {
        line("  first   %s", text(step));
      }
      for (Region region : phase.regions()) {
        String bands = region.extent() == 0 ? "" : " of " + region.extent();
        line("  region%s", bands);
        for (Step step : region.steps()) {
          line("    %s", text(step));
        }
      }
    }
    for (Step.Product product : products().toList()) {
      operations += product.operations();
    }
    line("products: %.1f million operations", operations / 1e6);
  }

  private String text(Step step) {
    return switch (step) {
      case Step.Product product ->
          "product %d x %d x %d%s: %s %s -> %s, %.1f million operations, %s"
              .formatted(
                  product.rows(),
                  product.columns(),
                  product.inner(),
                  product.count() == 1 ? "" : ", " + product.count() + " of them",
                  text(product.left()),
                  text(product.right()),
                  text(product.epilogue()),
                  product.operations() / 1e6,
                  bytes(product));
      case Step.Pack pack -> "pack %s -> %s".formatted(text(pack.source()), names(pack.writes()));
      case Step.Loop loop ->
          "%s %s -> %s".formatted(operation(loop.op()), names(loop.reads()), names(loop.writes()));
      case Step.Sum sum ->
          "sum %s%s -> %s"
              .formatted(
                  name(sum.a()),
                  sum.squared() ? "^2" : sum.factor().map(by -> " " + name(by)).orElse(""),
                  name(sum.out()));
      case Step.CrossEntropy entropy ->
          "softmax, loss and gradient %s -> %s"
              .formatted(names(entropy.reads()), names(entropy.writes()));
      case Step.Mean mean -> "mean %s -> %s".formatted(name(mean.losses()), name(mean.out()));
      case Step.Copy copy -> "copy %s -> %s".formatted(name(copy.state()), name(copy.out()));
      case Step.Convolve convolve ->
          "convolve %s -> %s".formatted(windows(convolve.windows()), names(convolve.writes()));
      case Step.ConvolveGradient gradient ->
          "convolve gradient %s -> %s"
              .formatted(windows(gradient.windows()), names(gradient.writes()));
      case Step.ConvolveAdjoint adjoint ->
          "convolve adjoint %s -> %s"
              .formatted(windows(adjoint.windows()), names(adjoint.writes()));
      case Step.Pool pool -> "pool %s -> %s".formatted(pool.op().window(), names(pool.writes()));
      case Step.Whole whole ->
          "%s %s -> %s"
              .formatted(
                  operation(whole.instruction().op()), names(whole.reads()), names(whole.writes()));
      case Step.Change change ->
          "%s %s".formatted(operation(change.update()), names(change.changes()));
    };
  }

  private static String operation(Op op) {
    return switch (op) {
      case Op.Unary unary -> unary.function().name().toLowerCase(Locale.ROOT);
      case Op.Binary binary -> binary.function().name().toLowerCase(Locale.ROOT);
      case Op other -> other.getClass().getSimpleName();
    };
  }

  private static String text(Operand operand) {
    return name(operand.value())
        + (operand.transposed() ? "'" : "")
        + (operand.squared() ? "^2" : "");
  }

  private static String text(Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.Store store -> name(store.out());
      case Epilogue.Update update ->
          operation(update.update())
              + " of "
              + update.update().state().name()
              + switch (update.factor()) {
                case Epilogue.Factor.One _ -> "";
                case Epilogue.Factor.Affine affine -> " times an affine of " + name(affine.x());
              };
    };
  }

  /** The bytes of the factors and the result, each once. */
  private static String bytes(Step.Product product) {
    double elements =
        product.count()
            * ((double) product.rows() * product.inner()
                + (double) product.inner() * product.columns()
                + (double) product.rows() * product.columns());
    return "%.2f MB".formatted(elements * Float.BYTES / 1e6);
  }

  private static String names(List<Value> values) {
    return values.stream().map(PlanText::name).collect(Collectors.joining(" "));
  }

  private static String name(Value value) {
    return "%" + value.id() + ":" + value.name();
  }

  private void temporaries() {
    Map<Value, int[]> lives = new LinkedHashMap<>();
    var phaseOf = new HashMap<Step, Integer>();
    for (int i = 0; i < phases.size(); i++) {
      for (Step step : phases.get(i).first()) {
        phaseOf.put(step, i);
      }
      for (Region region : phases.get(i).regions()) {
        for (Step step : region.steps()) {
          phaseOf.put(step, i);
        }
      }
    }
    for (Step step : lowered.steps()) {
      int at = phaseOf.getOrDefault(step, 0);
      for (Value value : step.writes()) {
        lives.put(lowered.memory(value), new int[] {at, at});
      }
      for (Value value : step.reads()) {
        int[] life = lives.get(lowered.memory(value));
        if (life != null) {
          life[1] = Math.max(life[1], at);
        }
      }
    }
    line("temporaries, with the phases in which they live:");
    StringBuilder row = new StringBuilder();
    for (var life : lives.entrySet()) {
      String entry =
          "%s %s %d-%d"
              .formatted(
                  name(life.getKey()),
                  life.getKey().shape(),
                  life.getValue()[0],
                  life.getValue()[1]);
      if (!row.isEmpty() && row.length() + entry.length() > WIDTH) {
        line("  %s", row);
        row.setLength(0);
      }
      row.append(row.isEmpty() ? "" : "; ").append(entry);
    }
    if (!row.isEmpty()) {
      line("  %s", row);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // No dependence for an annotation.
  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String windows(Windows windows) {
    return windows.image() + " " + windows.window() + (windows.ones() ? " and ones" : "");
  }
}
