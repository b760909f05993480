package io.measureflow.cli.report;

/**
 * The errors of the predictions of one real target.
 *
 * @param rmse the root of the mean squared error
 * @param mae the mean absolute error
 * @param r2 the coefficient of determination; NaN if the target is constant
 */
record RegressionErrors(double rmse, double mae, double r2) {

  static RegressionErrors of(PredictedRows.OfReals rows, int target) {
    int n = rows.rows();
    double mean = 0;
    for (double[] truth : rows.truth()) {
      mean += truth[target] / n;
    }
    double squares = 0;
    double absolute = 0;
    double total = 0;
    for (int i = 0; i < n; i++) {
      double error = rows.values()[i][target] - rows.truth()[i][target];
      squares += error * error;
      absolute += Math.abs(error);
      total += (rows.truth()[i][target] - mean) * (rows.truth()[i][target] - mean);
    }
    return new RegressionErrors(
        Math.sqrt(squares / n), absolute / n, total == 0 ? Double.NaN : 1 - squares / total);
  }
}
