package io.measureflow.cli.train;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.cli.terminal.Text;
import io.measureflow.core.data.ClassBalance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Describes the training data in a few lines: rows, features and class balance. */
final class DataSummary {

  /** The number of classes above which they are summarized. */
  private static final int LISTED = 20;

  /** How many columns of categories are named. */
  private static final int NAMED = 8;

  private DataSummary() {}

  static List<String> lines(Dataset dataset) {
    Schema schema = dataset.schema();
    var lines = new ArrayList<String>();
    String target =
        switch (schema.target()) {
          case Schema.Target.Classes(List<String> names) ->
              names.size() + (names.size() == 1 ? " class" : " classes");
          case Schema.Target.Real(List<String> names) -> "real " + String.join(", ", names);
          case Schema.Target.None none -> "no target";
        };
    lines.add(
        "data "
            + dataset.name()
            + ": "
            + Text.count(dataset.train().rows(), "training row")
            + dataset.test().map(test -> ", " + Text.count(test.rows(), "test row")).orElse("")
            + ", "
            + Text.count(schema.featureCount(), "feature")
            + encoded(schema)
            + ", "
            + target);
    if (schema.target() instanceof Schema.Target.Classes classes) {
      lines.add("classes in training: " + balance(dataset.train(), classes));
      Optional<Table> test = dataset.test();
      if (test.isPresent()) {
        lines.add("classes in test: " + balance(test.get(), classes));
      }
    }
    return lines;
  }

  /** How many columns the features are of, where some became several. */
  private static String encoded(Schema schema) {
    List<Category> categories = schema.encoding().categories();
    if (categories.isEmpty()) {
      return "";
    }
    String names =
        categories.stream().limit(NAMED).map(Category::column).collect(Collectors.joining(", "));
    return " of "
        + Text.count(schema.encoding().columns(schema.features()).size(), "column")
        + " (one per value: "
        + names
        + (categories.size() > NAMED ? ", ..." : "")
        + ")";
  }

  private static String balance(Table table, Schema.Target.Classes classes) {
    ClassBalance balance = ClassBalance.of(table, classes);
    String range =
        balance.least() == balance.most()
            ? Text.count((double) balance.most())
                + (balance.most() == 1 ? " row" : " rows")
                + " each"
            : Text.count((double) balance.least())
                + " to "
                + Text.count((double) balance.most())
                + " rows each";
    if (balance.names().size() > LISTED || balance.least() == balance.most()) {
      return range;
    }
    var text = new StringBuilder();
    for (int i = 0; i < balance.names().size(); i++) {
      double share = 100.0 * balance.rows().get(i) / Math.max(1, table.rows());
      text.append(i == 0 ? "" : ", ")
          .append(balance.names().get(i))
          .append(String.format(Locale.ROOT, " %.1f %%", share));
    }
    return text.append(" (").append(range).append(')').toString();
  }
}
