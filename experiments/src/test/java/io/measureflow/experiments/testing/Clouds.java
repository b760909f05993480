package io.measureflow.experiments.testing;

import io.measureflow.Backends;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.config.RunConfig;
import io.measureflow.experiments.data.BenchmarkData;
import io.measureflow.experiments.request.Environment;
import io.measureflow.experiments.runner.Laboratory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Three noisy classes, and what is needed to experiment with them. */
public final class Clouds implements Dataset {

  public static final int INPUTS = 5;
  public static final int CLASSES = 3;
  public static final BenchmarkData DATA =
      new BenchmarkData("clouds", "Clouds", INPUTS, CLASSES, 2);

  private final Rows train;
  private final Rows test;
  private final String fingerprint;

  public Clouds(int trainRows, int testRows) {
    this(trainRows, testRows, "0123456789abcdef");
  }

  public Clouds(int trainRows, int testRows, String fingerprint) {
    var random = new SplittableRandom(7);
    train = new Rows(trainRows, random);
    test = new Rows(testRows, random);
    this.fingerprint = fingerprint;
  }

  /** The backend that experiments use unless told otherwise. */
  public static Backend backend() {
    return Backends.onClassPath().open(RunConfig.defaults().backend());
  }

  public static Laboratory laboratory() {
    return new Laboratory(backend(), Path::of, request -> new Clouds(600, 300));
  }

  /** The environment of a session that reports no progress. */
  public static Environment environment(String fingerprint) {
    return new Environment(
        Clouds::backend,
        request -> new Clouds(600, 300, fingerprint),
        new LinkedHashMap<>(),
        line -> {});
  }

  @Override
  public String name() {
    return "clouds";
  }

  @Override
  public Schema schema() {
    return new Schema(
        List.of("a", "b", "c", "d", "e"),
        INPUTS,
        new Schema.Target.Classes(List.of("0", "1", "2")),
        Optional.empty());
  }

  @Override
  public Table train() {
    return train;
  }

  @Override
  public Optional<Table> test() {
    return Optional.of(test);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public void close() {}

  private static final class Rows implements Table {

    private final double[] features;
    private final int[] labels;

    Rows(int rows, SplittableRandom random) {
      features = new double[INPUTS * rows];
      labels = new int[rows];
      for (int i = 0; i < rows; i++) {
        labels[i] = i % CLASSES;
        for (int j = 0; j < INPUTS; j++) {
          features[INPUTS * i + j] = (labels[i] == j ? 1.5 : 0) + 0.6 * random.nextGaussian();
        }
      }
    }

    @Override
    public int rows() {
      return labels.length;
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        for (int j = 0; j < INPUTS; j++) {
          batch.set((long) i * INPUTS + j, features[order[from + i] * INPUTS + j]);
        }
      }
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        batch.set(i, labels[order[from + i]]);
      }
    }
  }
}
