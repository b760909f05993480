package io.measureflow.experiments.data;

/**
 * A dataset that experiments are done on.
 *
 * @param name its name
 * @param title its name for people
 * @param inputs its number of features
 * @param outputs its number of classes
 * @param tolerance up to which difference of accuracies, in per cent, two models count as equal
 */
public record BenchmarkData(String name, String title, int inputs, int outputs, double tolerance) {

  public static final BenchmarkData MNIST = new BenchmarkData("mnist", "MNIST", 784, 10, 0.3);
  public static final BenchmarkData FASHION =
      new BenchmarkData("fashion-mnist", "Fashion-MNIST", 784, 10, 0.5);
}
