package io.measureflow.core.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.AdamW;
import io.measureflow.core.layers.AttentionLayer;
import io.measureflow.core.layers.BatchNormLayer;
import io.measureflow.core.layers.ConvLayer;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.FlattenLayer;
import io.measureflow.core.layers.Kernel;
import io.measureflow.core.layers.LayerNormLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which parameters decay: a step with decay less one without is -h decay theta, or nothing. */
class WeightDecayTest {

  private static final double RATE = 0.01;
  private static final double DECAY = 0.1;
  private static final int BATCH = 5;
  private static final Trainable EVERYTHING =
      new Trainable(Role.STANDARD, 1, Double.POSITIVE_INFINITY);

  private static final ModelSpec IMAGES =
      new ModelSpec(
          Shape.of(1, 4, 4),
          List.of(
              new ConvLayer(
                  Activations.RELU,
                  true,
                  1,
                  2,
                  new Kernel(List.of(3, 3), List.of(1, 1), List.of(1, 1))),
              new BatchNormLayer(2),
              new FlattenLayer(),
              new MixtureLayer(Families.FACTORED, Activations.RELU, true, 32, 6, 4, 2),
              new LayerNormLayer(6),
              new ResidualLayer(List.of(new DenseLayer(Activations.RELU, true, 6, 6)), List.of()),
              new DenseLayer(Activations.IDENTITY, true, 6, 2)));
  private static final ModelSpec SEQUENCES =
      new ModelSpec(
          Shape.of(3, 4),
          List.of(
              new AttentionLayer(4, 2),
              new FlattenLayer(),
              new DenseLayer(Activations.IDENTITY, true, 12, 2)));
  private static final ModelSpec MIXTURE =
      new ModelSpec(
          List.of(new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 3, 2, 4, 0)));

  private final Backend backend =
      new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void matricesAndKernelsDecayInNetworks() {
    var weights = Set.of("layers.0.weight", "layers.5.layers.0.weight", "layers.6.weight");
    assertEquals(weights, decaying(IMAGES, EVERYTHING));
    assertEquals(weights, decaying(IMAGES, EVERYTHING.withDecay(Trainable.Decay.WEIGHTS)));
    assertEquals(
        Set.of("layers.0.in_weight", "layers.0.out_weight", "layers.2.weight"),
        decaying(SEQUENCES, EVERYTHING));
  }

  @Test
  void everythingDecaysInASingleMixtureOrWhereAskedFor() {
    // The logarithms of the weights start at 0, where decay does nothing.
    var all = Set.of("layers.0.in_mean", "layers.0.in_std", "layers.0.out_mean");
    assertEquals(all, decaying(MIXTURE, EVERYTHING));
    assertEquals(all, decaying(MIXTURE, EVERYTHING.withDecay(Trainable.Decay.ALL)));
    assertEquals(Set.of(), decaying(MIXTURE, EVERYTHING.withDecay(Trainable.Decay.WEIGHTS)));
    Set<String> ofImages = decaying(IMAGES, EVERYTHING.withDecay(Trainable.Decay.ALL));
    // Biases start at 0 as well.
    assertEquals(
        Set.of(
            "layers.0.weight",
            "layers.1.weight",
            "layers.3.in_factor",
            "layers.3.in_mean",
            "layers.3.in_std",
            "layers.3.out_factor",
            "layers.3.out_mean",
            "layers.4.weight",
            "layers.5.layers.0.weight",
            "layers.6.weight"),
        ofImages);
  }

  /** Returns what decays, after a check that it does by h decay theta. */
  private Set<String> decaying(ModelSpec model, Trainable trainable) {
    var start = Initialization.parameters(model, 2, Precision.FLOAT64);
    Map<String, double[]> without = step(model, trainable, start, 0);
    Map<String, double[]> with = step(model, trainable, start, DECAY);
    var decaying = new TreeSet<String>();
    start.forEach(
        (name, tensor) -> {
          double[] theta = tensor.toDoubles();
          double[] decayed = Objects.requireNonNull(with.get(name));
          double[] other = Objects.requireNonNull(without.get(name));
          boolean moved = false;
          boolean zero = true;
          for (int i = 0; i < theta.length; i++) {
            double difference = decayed[i] - other[i];
            moved |= difference != 0;
            zero &= theta[i] == 0;
            double expected = difference == 0 ? 0 : -RATE * DECAY * theta[i];
            assertTrue(
                Math.abs(difference - expected) <= 1e-15 * (1 + Math.abs(theta[i])),
                name + ": expected " + expected + ", found " + difference);
          }
          assertTrue(!(zero && moved), name);
          if (moved) {
            decaying.add(name);
          }
        });
    return decaying;
  }

  private Map<String, double[]> step(
      ModelSpec model, Trainable trainable, Map<String, Tensor> start, double decay) {
    try (Workspace workspace = backend.newWorkspace();
        Executable step =
            workspace.compile(
                TrainingPrograms.step(
                    model,
                    Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
                    AdamW.of().weightDecay(decay),
                    trainable,
                    false,
                    0,
                    BATCH))) {
      start.forEach(workspace::write);
      var random = new SplittableRandom(4);
      Tensor features = step.input(TrainingPrograms.FEATURES);
      for (int i = 0; i < features.shape().size(); i++) {
        features.set(i, random.nextDouble(-1, 1));
      }
      for (int row = 0; row < BATCH; row++) {
        step.input(TrainingPrograms.TARGETS).set(row, row % 2);
      }
      step.input(TrainingPrograms.RATE).set(0, RATE);
      step.input(TrainingPrograms.STEP).set(0, 1);
      step.run();
      var after = new LinkedHashMap<String, double[]>();
      start.keySet().forEach(name -> after.put(name, workspace.read(name).toDoubles()));
      return after;
    }
  }
}
