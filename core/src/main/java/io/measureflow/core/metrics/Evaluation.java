package io.measureflow.core.metrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's result on some rows, in full.
 *
 * @param loss the mean loss of a row, as in training: of real targets as they were trained on
 * @param metrics all other metrics
 */
public record Evaluation(double loss, PredictionMetrics metrics) {

  /** Returns the number of rows. */
  public long rows() {
    return metrics.rows();
  }

  /** Returns the metrics of classes; empty for real targets. */
  public Optional<ClassificationMetrics> classification() {
    return metrics instanceof ClassificationMetrics classes
        ? Optional.of(classes)
        : Optional.empty();
  }

  /** Returns the metrics of real targets; empty for classes. */
  public Optional<RegressionMetrics> regression() {
    return metrics instanceof RegressionMetrics targets ? Optional.of(targets) : Optional.empty();
  }

  /** Returns the fraction of rows whose class was predicted; NaN for real targets. */
  public double accuracy() {
    return classification().map(ClassificationMetrics::accuracy).orElse(Double.NaN);
  }

  /**
   * Returns this as a JSON object, the text of {@code metrics.json} (docs/metrics.md). A number
   * that is not defined is null.
   *
   * @param about what to say before it, such as the data and the rows
   */
  public String json(Map<String, String> about) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    about.forEach(root::put);
    root.put("rows", rows()).put("loss", loss);
    switch (metrics) {
      case ClassificationMetrics classes -> write(classes, root.putObject("classification"));
      case RegressionMetrics targets -> write(targets, root.putObject("regression"));
    }
    return root.toPrettyString() + "\n";
  }

  private static void write(ClassificationMetrics metrics, ObjectNode node) {
    node.put("accuracy", metrics.accuracy())
        .put("log_loss", metrics.logLoss())
        .put("calibration_error", metrics.calibrationError());
    if (metrics.classes().size() == 2) {
      node.put("roc_auc", metrics.rocAuc().isPresent() ? metrics.rocAuc().getAsDouble() : null);
    }
    node.putObject("macro")
        .put("precision", metrics.macro().precision())
        .put("recall", metrics.macro().recall())
        .put("f1", metrics.macro().f1());
    ArrayNode classes = node.putArray("classes");
    for (ClassificationMetrics.ClassMetrics each : metrics.classes()) {
      classes
          .addObject()
          .put("name", each.name())
          .put("rows", each.rows())
          .put("predicted", each.predicted())
          .put("precision", each.precision())
          .put("recall", each.recall())
          .put("f1", each.f1());
    }
    if (!metrics.confusion().isEmpty()) {
      ArrayNode confusion = node.putArray("confusion");
      for (List<Long> row : metrics.confusion()) {
        ArrayNode counts = confusion.addArray();
        row.forEach(counts::add);
      }
    }
    ArrayNode calibration = node.putArray("calibration");
    for (ClassificationMetrics.Bin bin : metrics.calibration()) {
      calibration
          .addObject()
          .put("from", bin.from())
          .put("to", bin.to())
          .put("rows", bin.rows())
          .put("confidence", bin.confidence())
          .put("accuracy", bin.accuracy());
    }
  }

  private static void write(RegressionMetrics metrics, ObjectNode node) {
    node.put("rmse", metrics.rmse())
        .put("mae", metrics.mae())
        .put("r2", metrics.r2().isPresent() ? metrics.r2().getAsDouble() : null);
    metrics.labelAccuracy().ifPresent(accuracy -> node.put("label_accuracy", accuracy));
    ArrayNode targets = node.putArray("targets");
    for (RegressionMetrics.TargetMetrics each : metrics.targets()) {
      targets
          .addObject()
          .put("name", each.name())
          .put("rmse", each.rmse())
          .put("mae", each.mae())
          .put("r2", each.r2().isPresent() ? each.r2().getAsDouble() : null);
    }
  }
}
