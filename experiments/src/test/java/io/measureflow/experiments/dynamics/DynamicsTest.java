package io.measureflow.experiments.dynamics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.measures.Gaussian;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.measures.NeuronSampling;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.experiments.report.Report;
import io.measureflow.experiments.report.ReportFiles;
import io.measureflow.experiments.results.Measured;
import io.measureflow.experiments.results.Results;
import io.measureflow.experiments.results.Run;
import io.measureflow.experiments.runner.Laboratory;
import io.measureflow.experiments.testing.Clouds;
import io.measureflow.experiments.testing.SelfContained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DynamicsTest {

  private static final NeuronSampling SAMPLING =
      new NeuronSampling(Clouds.CLASSES, true, Activations.RELU);

  private static Model model(Family family, int components, int rank) {
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    family,
                    Activations.RELU,
                    true,
                    Clouds.INPUTS,
                    Clouds.CLASSES,
                    components,
                    rank)));
    return Model.of(spec, Initialization.parameters(spec, 3, Precision.FLOAT32), "test");
  }

  /** A component without spread is a neuron: both flows are the same as long as it has none. */
  @Test
  void withoutSpreadTheFlowIsThatOfTheNeuronsDrawnFromIt() {
    Model spread = model(Families.ISOTROPIC, 6, 0);
    var tensors = new LinkedHashMap<>(spread.parameters());
    Tensor std = spread.parameter("layers.0.in_std");
    tensors.put("layers.0.in_std", Tensor.zeros(std.shape(), std.type()));
    Model points = Model.of(spread.spec(), tensors, "points");
    Model drawn = Neurons.draw(SAMPLING, LayerMeasure.of(points, 0), 1, new SplittableRandom(1));
    var trajectory = new Trajectory(new Clouds(300, 10).train(), 32, 0.2, 9);
    List<Integer> steps = List.of(0, 1, 7, 30);
    try (Backend backend = Clouds.backend()) {
      var losses = new ArrayList<Double>();
      var neurons = new ArrayList<double[]>();
      trajectory.follow(
          backend,
          points,
          steps,
          (step, model, loss) -> {
            losses.add(loss);
            neurons.add(model.parameter("layers.0.in_mean").toDoubles());
          });
      var at = new int[1];
      trajectory.follow(
          backend,
          drawn,
          steps,
          (step, model, loss) -> {
            int i = at[0]++;
            assertEquals(losses.get(i), loss, 1e-5, "loss up to step " + step);
            double[] own = model.parameter("layers.0.in_mean").toDoubles();
            for (int j = 0; j < own.length; j++) {
              assertEquals(neurons.get(i)[j], own[j], 1e-4);
            }
          });
      assertEquals(4, at[0]);
      assertTrue(losses.getLast() < losses.get(1), losses.toString());
    }
  }

  @Test
  void drawnNeuronsHaveTheLawOfTheirComponents() {
    GaussianMixture measure = LayerMeasure.of(model(Families.FACTORED, 3, 2), 0);
    int each = 20_000;
    Neurons neurons = Neurons.of(Neurons.draw(SAMPLING, measure, each, new SplittableRandom(4)), 3);
    assertEquals(each, neurons.each());
    double traceIn = 0;
    double traceOut = 0;
    int p = Clouds.CLASSES;
    for (int k = 0; k < 3; k++) {
      Gaussian component = measure.components().get(k);
      traceIn += component.marginal(p, component.dimension()).trace() / 3;
      traceOut += component.marginal(0, p).trace() / 3;
      double[] expected = component.covariance();
      double[] found = neurons.gaussian(k).covariance();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], found[i], 0.05 * component.trace());
      }
      for (int i = 0; i < component.dimension(); i++) {
        assertEquals(component.mean()[i], neurons.means()[k * component.dimension() + i], 0.02);
      }
    }
    assertEquals(traceIn, neurons.traceIn(), 0.05 * traceIn);
    assertEquals(traceOut, neurons.traceOut(), 0.05 * traceOut);
  }

  private static Neurons line(double[] direction, double scale, double shift) {
    int width = direction.length;
    var out = new double[40 * Clouds.CLASSES];
    var in = new double[40 * (width - Clouds.CLASSES)];
    var random = new SplittableRandom(2);
    for (int m = 0; m < 40; m++) {
      double along = scale * (m - 19.5);
      for (int i = 0; i < width; i++) {
        double value = along * direction[i] + 0.01 * random.nextGaussian() + shift;
        if (i < Clouds.CLASSES) {
          out[m * Clouds.CLASSES + i] = value;
        } else {
          in[m * (width - Clouds.CLASSES) + i - Clouds.CLASSES] = value;
        }
      }
    }
    Model model = model(Families.DIRAC, 40, 0);
    var tensors = new LinkedHashMap<>(model.parameters());
    for (String name : List.of("layers.0.out_mean", "layers.0.in_mean")) {
      tensors.put(
          name, Tensor.of(model.parameter(name).shape(), name.endsWith("out_mean") ? out : in));
    }
    return Neurons.of(Model.of(model.spec(), tensors, "line"), 1);
  }

  @Test
  void theLeadingDirectionIsThatOfTheLine() {
    double[] direction = {0.5, 0, -0.5, 0, 0, 0.5, 0, 0, 0.5};
    Neurons neurons = line(direction, 1, 3);
    double[][] leading = neurons.leadingDirections();
    assertEquals(1, Math.abs(Neurons.dot(leading[0], direction)), 1e-4);
    assertEquals(0, Neurons.dot(leading[0], leading[1]), 1e-12);
    assertEquals(1, Neurons.dot(leading[1], leading[1]), 1e-12);
    // The line is 39 long, and its middle is at (3, .., 3).
    assertEquals(
        39, Math.abs(neurons.along(leading[0], 0, 39) - neurons.along(leading[0], 0, 0)), 0.2);
    double shift = line(direction, 1, 3.5).displacement(neurons);
    assertEquals(0.5 * Math.sqrt(direction.length), shift, 1e-6);
  }

  @Test
  void theReportTellsWhatWasMeasured() {
    var plan =
        new Dynamics.Plan(
            Clouds.DATA,
            List.of(new Dynamics.Layer("isotropic", 2, 0, 2), new Dynamics.Layer("full", 2, 0, 1)),
            List.of(1, 10, 100),
            200,
            0.2,
            List.of(0, 1, 5, 20),
            List.of(0, 20),
            2,
            100);
    var dynamics = new Dynamics(plan);
    var rows = new ArrayList<Results.Row>();
    try (Laboratory laboratory = Clouds.laboratory()) {
      for (Run run : dynamics.plan(new Results(List.of()))) {
        for (Measured measured : dynamics.perform(run, laboratory)) {
          var cells = new LinkedHashMap<>(run.settings());
          cells.put(Run.SEED, String.valueOf(run.seed()));
          cells.putAll(measured.cells());
          rows.add(new Results.Row(cells));
        }
      }
    }
    var results = new Results(rows);
    Results starts = results.where(Dynamics.WHAT, Dynamics.MEASUREMENT).where(Dynamics.STEP, 0);
    // The same measure at the start, up to the number of neurons that are drawn from it.
    for (String family : List.of("isotropic", "full")) {
      Results own = starts.where("family", family);
      assertEquals(0, own.where(Dynamics.NET, "mixture").sample(Dynamics.FROM_MIXTURE).mean());
      assertTrue(
          own.where(Dynamics.NET, "100").sample(Dynamics.FROM_MIXTURE).mean()
              < own.where(Dynamics.NET, "1").sample(Dynamics.FROM_MIXTURE).mean());
      double spread = own.where(Dynamics.NET, "mixture").sample(Dynamics.TRACE_IN).mean();
      assertEquals(
          spread, own.where(Dynamics.NET, "100").sample(Dynamics.TRACE_IN).mean(), 0.2 * spread);
    }
    // Neurons move at least as far as the transport between where they were and are.
    for (Results.Row row : results.where(Dynamics.NET, "1").rows()) {
      assertTrue(
          row.number(Dynamics.DISTANCE) <= row.number(Dynamics.MOVED) * (1 + 1e-4) + 1e-12,
          row.toString());
    }
    var report = new Report("Dynamics");
    dynamics.report(results, report);
    String text = ReportFiles.markdown(report);
    double loss =
        results
            .where("family", "full")
            .where(Dynamics.NET, "mixture")
            .where(Dynamics.STEP, 20)
            .sample(Dynamics.TRAIN_LOSS)
            .mean();
    assertTrue(text.contains("| full, K = 2 | mixture | " + String.format("%.3f", loss)), text);
    assertTrue(text.contains("dynamics-neurons-full.png"), text);
    SelfContained.assertSelfContained(ReportFiles.html(report));
  }
}
