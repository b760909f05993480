package io.measureflow.core.measures;

import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Evaluator;

/** Applies models to rows on the reference backend. */
public final class Outputs {

  private Outputs() {}

  /**
   * Computes the outputs [rows, p].
   *
   * @param features [rows, d]
   */
  public static double[] of(Model model, double[] features) {
    int width = model.spec().inputs();
    int outputs = model.spec().outputs();
    int rows = features.length / width;
    double[] result = new double[rows * outputs];
    try (var backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        var evaluator = new Evaluator(backend, model, rows)) {
      evaluator.predict(
          new Rows(rows, width, features),
          (batch, count) -> System.arraycopy(batch.toDoubles(), 0, result, 0, result.length));
    }
    return result;
  }

  private static final class Rows implements Table {

    private final int rows;
    private final int width;
    private final double[] features;

    Rows(int rows, int width, double[] features) {
      this.rows = rows;
      this.width = width;
      this.features = features;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      for (int i = 0; i < batch.shape().dimension(0); i++) {
        for (int j = 0; j < width; j++) {
          batch.set((long) i * width + j, features[order[from + i] * width + j]);
        }
      }
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      throw new UnsupportedOperationException();
    }
  }
}
