package io.measureflow.core.losses;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Loss;
import io.measureflow.core.data.TableScan;
import java.util.List;

/** Checks that real targets are what a loss is for. */
public final class LossTargets {

  private LossTargets() {}

  /**
   * Checks the targets of some rows, if the loss has a range for them.
   *
   * @param dataset the dataset of the rows
   * @throws InvalidRequestException if targets are standardised, or one is outside of the range
   */
  public static void requireInRange(Loss loss, Dataset dataset, Table rows) {
    if (loss.targetRange().isEmpty()
        || !(dataset.schema().target() instanceof Target.Real(List<String> names))) {
      return;
    }
    Loss.TargetRange range = loss.targetRange().get();
    if (!dataset.preprocessing().targetMean().isEmpty()) {
      throw InvalidRequestException.of(
          "targets of loss " + loss.name(),
          range + " in their own units",
          "standardised targets",
          "Leave the scaling of targets out, or set it to none; a model that was trained on"
              + " standardised targets goes with another loss.");
    }
    TableScan.targets(
        rows,
        names.size(),
        (values, first, count) -> {
          for (int i = 0; i < count * names.size(); i++) {
            if (!range.contains(values[i])) {
              throw InvalidRequestException.of(
                  "target '"
                      + names.get(i % names.size())
                      + "' of row "
                      + (first + i / names.size())
                      + " (from 0) under loss "
                      + loss.name(),
                  range.toString(),
                  String.valueOf(values[i]),
                  "Correct the data, or choose another loss.");
            }
          }
        });
  }
}
