package io.measureflow.experiments.dynamics;

import static io.measureflow.experiments.dynamics.Dynamics.COMPONENT;
import static io.measureflow.experiments.dynamics.Dynamics.DISTANCE;
import static io.measureflow.experiments.dynamics.Dynamics.FROM_MIXTURE;
import static io.measureflow.experiments.dynamics.Dynamics.FROM_WIDEST;
import static io.measureflow.experiments.dynamics.Dynamics.LOG_DETERMINANT;
import static io.measureflow.experiments.dynamics.Dynamics.MEANS_MOVED;
import static io.measureflow.experiments.dynamics.Dynamics.MEASUREMENT;
import static io.measureflow.experiments.dynamics.Dynamics.MIXTURE;
import static io.measureflow.experiments.dynamics.Dynamics.MOVED;
import static io.measureflow.experiments.dynamics.Dynamics.NET;
import static io.measureflow.experiments.dynamics.Dynamics.NEURON;
import static io.measureflow.experiments.dynamics.Dynamics.OUTPUT;
import static io.measureflow.experiments.dynamics.Dynamics.STEP;
import static io.measureflow.experiments.dynamics.Dynamics.TEST_ACCURACY;
import static io.measureflow.experiments.dynamics.Dynamics.TRACE_IN;
import static io.measureflow.experiments.dynamics.Dynamics.TRACE_OUT;
import static io.measureflow.experiments.dynamics.Dynamics.TRAIN_LOSS;
import static io.measureflow.experiments.dynamics.Dynamics.WHAT;
import static io.measureflow.experiments.dynamics.Dynamics.eigenvalue;

import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.results.Sample;
import io.measureflow.plots.Figure;
import io.measureflow.plots.LinePlot;
import io.measureflow.plots.NeuronPicture;
import java.awt.Color;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The report of {@link Dynamics}. */
final class DynamicsReport {

  private static final int PANEL_WIDTH = 440;
  private static final int PANEL_HEIGHT = 320;
  private static final int COLUMNS = 3;

  /** Two distances are close if they differ by at most this fraction. */
  private static final double NEAR = 0.15;

  private final Dynamics.Plan plan;
  private final Dynamics experiment;
  private final Results results;

  DynamicsReport(Dynamics.Plan plan, Dynamics experiment, Results results) {
    this.plan = plan;
    this.experiment = experiment;
    this.results = results;
  }

  /** The measurements of a layer, over its seeds. */
  private Results of(Dynamics.Layer layer) {
    var runs = new ArrayList<Run>();
    for (int seed = 1; seed <= layer.seeds(); seed++) {
      runs.add(experiment.run(layer, seed));
    }
    return results.of(runs, experiment.settings()).where(WHAT, MEASUREMENT);
  }

  private Sample at(Dynamics.Layer layer, String net, int step, String column) {
    return of(layer).where(NET, net).where(STEP, step).sample(column);
  }

  private Sample last(Dynamics.Layer layer, String net, String column) {
    return at(layer, net, plan.last(), column);
  }

  private String widest(Dynamics.Layer layer) {
    return String.valueOf(plan.multiples(layer).getLast());
  }

  /** The second widest network. */
  private Optional<String> narrower(Dynamics.Layer layer) {
    List<Integer> multiples = plan.multiples(layer);
    return multiples.size() < 2
        ? Optional.empty()
        : Optional.of(String.valueOf(multiples.get(multiples.size() - 2)));
  }

  /** Formats a number with three significant digits. */
  private static String three(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    double size = Math.abs(value);
    if (size > 0 && size < 0.01) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** The factor by which the spread of w has grown at the end. */
  private double growth(Dynamics.Layer layer, String net) {
    return last(layer, net, TRACE_IN).mean() / at(layer, net, 0, TRACE_IN).mean();
  }

  /**
   * The difference of outputs at a step, relative to the size of the widest network's outputs at
   * the end.
   */
  private double relative(Dynamics.Layer layer, int step) {
    String widest = widest(layer);
    return at(layer, widest, step, FROM_MIXTURE).mean() / last(layer, widest, OUTPUT).mean();
  }

  void write(Report report) {
    report.paragraph(verdict());
    report.points(byFamily().stream().map(this::point).toList());
    report.paragraph(
        String.format(
            Locale.ROOT,
            "A mixture layer of K components (relu, bias) is trained on %s by the Wasserstein"
                + " gradient flow at h = %s for %d steps, in batches of 128. Fully connected layers"
                + " in the same scaling are trained by the same steps on the same batches; their"
                + " neurons (a, w) are drawn from the mixture's own initial measure, so many from"
                + " each component (`x10`: ten), so that the only difference is that the law of the"
                + " neurons of a component may become anything, where the mixture keeps it Gaussian"
                + " with a covariance of its family. Losses are on the first %d training rows,"
                + " outputs and accuracies on as many test rows; ± is the standard deviation over"
                + " seeds.",
            plan.data().title(),
            Run.text(plan.rate()),
            plan.last(),
            plan.probe()));
    report.heading("At the end");
    table(report);
    report.heading("Along training");
    losses(report);
    differences(report);
    spread(report);
    spectra(report);
    pictures(report);
  }

  /** The smallest and the largest value of a quantity over the layers. */
  private String range(ToDoubleFunction<Dynamics.Layer> quantity) {
    DoubleSummaryStatistics all = plan.layers().stream().mapToDouble(quantity).summaryStatistics();
    return all.getMin() == all.getMax()
        ? three(all.getMin())
        : three(all.getMin()) + " to " + three(all.getMax());
  }

  /**
   * How far a layer's outputs are from those of the widest network, in units of the noise of the
   * latter.
   */
  private double apart(Dynamics.Layer layer) {
    return narrower(layer)
        .map(
            net ->
                last(layer, widest(layer), FROM_MIXTURE).mean()
                    / last(layer, net, FROM_WIDEST).mean())
        .orElse(Double.NaN);
  }

  private String verdict() {
    int layers = plan.layers().size();
    long near =
        plan.layers().stream()
            .filter(
                layer ->
                    Math.abs(
                            last(layer, MIXTURE, DISTANCE).mean()
                                    / last(layer, widest(layer), MOVED).mean()
                                - 1)
                        <= NEAR)
            .count();
    long lower =
        plan.layers().stream()
            .filter(
                layer ->
                    last(layer, widest(layer), TRAIN_LOSS).mean()
                        < last(layer, MIXTURE, TRAIN_LOSS).mean())
            .count();
    return String.format(
        Locale.ROOT,
        "The two flows begin as one and part. What does not differ: the start, where the outputs of"
            + " mixture and widest network are %s %% of their final size apart (the price of"
            + " drawing neurons); and how far the measures travel in %d steps, which is within"
            + " %.0f %% of each other for %d of %d layers. What differs: the law of the neurons."
            + " Those drawn from one Gaussian spread apart, the trace of the covariance of their w"
            + " growing %s fold, where the mixture's grows as far as its family allows, %s fold."
            + " So the outputs part, by %s %% of their size after %d steps, which is %s times what"
            + " the next narrower network differs from the widest: it is the restriction to"
            + " Gaussians that shows, and not the number of neurons, wherever this factor is well"
            + " above 1. The widest network ends at the lower training loss for %d of %d layers, %s"
            + " against %s. How much it is depends on family and K:",
        range(layer -> 100 * relative(layer, 0)),
        plan.last(),
        100 * NEAR,
        near,
        layers,
        range(layer -> growth(layer, widest(layer))),
        range(layer -> growth(layer, MIXTURE)),
        range(layer -> 100 * relative(layer, plan.last())),
        plan.last(),
        range(this::apart),
        lower,
        layers,
        range(layer -> last(layer, widest(layer), TRAIN_LOSS).mean()),
        range(layer -> last(layer, MIXTURE, TRAIN_LOSS).mean()));
  }

  private String point(Dynamics.Layer layer) {
    String widest = widest(layer);
    return String.format(
        Locale.ROOT,
        "%s: test accuracy %s %% against %s %% of x%s and %s %% of as many neurons as components"
            + " (x1); training loss %s, %s and %s; outputs %s %% (%s times the noise) from those of"
            + " x%s; travelled %s against %s.",
        layer.title(),
        three(100 * last(layer, MIXTURE, TEST_ACCURACY).mean()),
        three(100 * last(layer, widest, TEST_ACCURACY).mean()),
        widest,
        three(100 * last(layer, "1", TEST_ACCURACY).mean()),
        three(last(layer, MIXTURE, TRAIN_LOSS).mean()),
        three(last(layer, widest, TRAIN_LOSS).mean()),
        three(last(layer, "1", TRAIN_LOSS).mean()),
        three(100 * relative(layer, plan.last())),
        three(apart(layer)),
        widest,
        three(last(layer, MIXTURE, DISTANCE).mean()),
        three(last(layer, widest, MOVED).mean()));
  }

  private void table(Report report) {
    var rows = new ArrayList<List<String>>();
    for (Dynamics.Layer layer : byFamily()) {
      rows.add(row(layer, MIXTURE));
      for (int multiple : plan.multiples(layer)) {
        rows.add(row(layer, String.valueOf(multiple)));
      }
    }
    report.table(
        List.of(
            "layer",
            "neurons",
            "training loss",
            "test accuracy",
            "outputs from the mixture's",
            "from the widest's",
            "distance travelled",
            "of the means",
            "tr Cov(w), start",
            "end",
            "tr Cov(a), end"),
        rows);
    report.paragraph(
        "Outputs differ by the root mean square over rows and classes. The distance travelled is"
            + " MW2 from the initial measure for the mixture, and for networks the root of the mean"
            + " squared distance that neurons moved, which bounds W2 from above. That of the means"
            + " is the root of the mean squared distance that the means of the components, or of"
            + " the neurons drawn from each, moved. Cov is the covariance within a component, or"
            + " among the neurons drawn from it, on average.");
  }

  private List<String> row(Dynamics.Layer layer, String net) {
    boolean mixture = net.equals(MIXTURE);
    return List.of(
        layer.title(),
        mixture ? "mixture" : "x" + net,
        last(layer, net, TRAIN_LOSS).scaled(1, 3),
        last(layer, net, TEST_ACCURACY).scaled(100, 1),
        last(layer, net, FROM_MIXTURE).scaled(1, 2),
        last(layer, net, FROM_WIDEST).scaled(1, 2),
        three(last(layer, net, mixture ? DISTANCE : MOVED).mean()),
        three(last(layer, net, MEANS_MOVED).mean()),
        three(at(layer, net, 0, TRACE_IN).mean()),
        three(last(layer, net, TRACE_IN).mean()),
        three(last(layer, net, TRACE_OUT).mean()));
  }

  /** Draws a quantity of a network against the step, without the start. */
  private void curve(
      LinePlot plot, Dynamics.Layer layer, String net, String column, String name, Color color) {
    double[] steps = plan.steps().stream().skip(1).mapToDouble(Integer::doubleValue).toArray();
    double[] values = new double[steps.length];
    for (int i = 0; i < steps.length; i++) {
      values[i] = at(layer, net, (int) steps[i], column).mean();
    }
    plot.line(name, steps, values, color);
  }

  private void panels(
      Report report, String figure, String caption, Function<Dynamics.Layer, LinePlot> panel) {
    List<LinePlot> plots = byFamily().stream().map(panel).toList();
    report.figure(experiment.name() + "-" + figure, Figure.png(plots, COLUMNS), caption);
  }

  private List<Dynamics.Layer> byFamily() {
    List<String> families = plan.layers().stream().map(Dynamics.Layer::family).distinct().toList();
    return families.stream()
        .flatMap(family -> plan.layers().stream().filter(layer -> layer.family().equals(family)))
        .toList();
  }

  private LinePlot panel(Dynamics.Layer layer, String quantity, LinePlot.Legend legend) {
    return new LinePlot(PANEL_WIDTH, PANEL_HEIGHT, layer.title(), "step", quantity)
        .logarithmicX()
        .legend(legend);
  }

  private void losses(Report report) {
    panels(
        report,
        "loss",
        "Training loss of the mixture and of fully connected layers drawn from its initial"
            + " measure.",
        layer -> {
          LinePlot plot = panel(layer, "training loss", LinePlot.Legend.SOUTH_WEST).yFrom(0);
          List<Integer> multiples = plan.multiples(layer);
          for (int i = 0; i < multiples.size(); i++) {
            String net = String.valueOf(multiples.get(i));
            curve(plot, layer, net, TRAIN_LOSS, "x" + net, LinePlot.COLORS.get(i + 1));
          }
          curve(plot, layer, MIXTURE, TRAIN_LOSS, "mixture", LinePlot.COLORS.getFirst());
          return plot;
        });
  }

  private void differences(Report report) {
    panels(
        report,
        "outputs",
        "Difference of outputs (root mean square over test rows and classes) of the mixture and of"
            + " narrower networks from the widest network.",
        layer -> {
          LinePlot plot =
              panel(layer, "difference from the widest", LinePlot.Legend.OUTSIDE).logarithmicY();
          List<Integer> multiples = plan.multiples(layer);
          for (int i = 0; i < multiples.size() - 1; i++) {
            String net = String.valueOf(multiples.get(i));
            curve(plot, layer, net, FROM_WIDEST, "x" + net, LinePlot.COLORS.get(i + 1));
          }
          curve(plot, layer, MIXTURE, FROM_WIDEST, "mixture", LinePlot.COLORS.getFirst());
          return plot;
        });
  }

  private void spread(Report report) {
    panels(
        report,
        "spread",
        "Trace of the covariance of w within a component, and among the neurons drawn from it.",
        layer -> {
          LinePlot plot = panel(layer, "tr Cov(w)", LinePlot.Legend.NORTH_WEST).logarithmicY();
          curve(plot, layer, MIXTURE, TRACE_IN, "mixture", LinePlot.COLORS.getFirst());
          String widest = widest(layer);
          curve(plot, layer, widest, TRACE_IN, "x" + widest, LinePlot.COLORS.getLast());
          return plot;
        });
  }

  private void spectra(Report report) {
    if (plan.costly().isEmpty()) {
      return;
    }
    report.paragraph(
        "Spectrum: the largest eigenvalues of the covariance of (a, w) within a component, and the"
            + " logarithm of the determinant of its part on w, means over the first components; a"
            + " dash where it is singular, as for fewer neurons than dimensions. That of a sample"
            + " of little more neurons than dimensions is too small, as the start shows, where both"
            + " laws are the same.");
    var rows = new ArrayList<List<String>>();
    for (Dynamics.Layer layer : byFamily()) {
      for (String net : List.of(MIXTURE, widest(layer))) {
        for (int step : plan.costly()) {
          var row = new ArrayList<String>();
          row.add(layer.title());
          row.add(net.equals(MIXTURE) ? net : "x" + net);
          row.add(String.valueOf(step));
          for (int i = 1; i <= Dynamics.EIGENVALUES; i++) {
            row.add(three(at(layer, net, step, eigenvalue(i)).mean()));
          }
          row.add(three(at(layer, net, step, LOG_DETERMINANT).mean()));
          row.add(three(at(layer, net, step, net.equals(MIXTURE) ? DISTANCE : MOVED).mean()));
          rows.add(row);
        }
      }
    }
    report.table(
        List.of("layer", "neurons", "step", "1", "2", "3", "4", "5", "log det", "travelled"), rows);
  }

  private void pictures(Report report) {
    for (Dynamics.Layer layer : plan.layers()) {
      Results pictured = results.of(List.of(experiment.run(layer, 1)), experiment.settings());
      Results neurons = pictured.where(WHAT, NEURON);
      Results components = pictured.where(WHAT, COMPONENT);
      if (neurons.rows().isEmpty()) {
        continue;
      }
      var panels = new ArrayList<NeuronPicture.Panel>();
      for (int step : experiment.pictured()) {
        panels.add(
            new NeuronPicture.Panel(
                "step " + step,
                neurons.where(STEP, step).rows().stream()
                    .map(
                        row ->
                            new NeuronPicture.Point(
                                row.number("x"), row.number("y"), row.integer("group")))
                    .toList(),
                components.where(STEP, step).rows().stream()
                    .map(
                        row ->
                            new NeuronPicture.Ellipse(
                                row.number("x"),
                                row.number("y"),
                                row.number("xx"),
                                row.number("xy"),
                                row.number("yy"),
                                row.integer("group")))
                    .toList()));
      }
      report.figure(
          experiment.name() + "-neurons-" + layer.family(),
          Figure.png(NeuronPicture.draw(panels, "x" + widest(layer), layer.title())),
          String.format(
              Locale.ROOT,
              "%s: neurons of the widest network (above, some of those of each component, in its"
                  + " colour) and the density of the mixture with ellipses of two standard"
                  + " deviations (below), projected on the two leading directions of the network's"
                  + " neurons at the last step; seed 1.",
              layer.title()));
    }
  }
}
