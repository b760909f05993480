package io.measureflow.experiments.data;

/**
 * A dataset of the experiments.
 *
 * @param name its name on the command line
 * @param title its name in reports
 * @param inputs the number of features
 * @param outputs the number of classes
 * @param tolerance the largest difference in accuracy, in percentage points, at which two models
 *     count as equal
 */
public record BenchmarkData(String name, String title, int inputs, int outputs, double tolerance) {

  /** MNIST. */
  public static final BenchmarkData MNIST = new BenchmarkData("mnist", "MNIST", 784, 10, 0.3);

  /** Fashion-MNIST. */
  public static final BenchmarkData FASHION =
      new BenchmarkData("fashion-mnist", "Fashion-MNIST", 784, 10, 0.5);
}
