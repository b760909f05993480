package io.measureflow.cli.report;

import io.measureflow.api.data.Schema;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.plots.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The rows with the highest loss: as pictures where they are images, else as a table. */
final class MistakesSection implements Section {

  private static final int MOST_IMAGES = 24;
  private static final int MOST_ROWS = 12;
  private static final int MOST_FEATURES = 8;
  private static final int MOST_TARGETS = 3;

  private final RunContents run;
  private final PredictedRows rows;
  private final Optional<Pictures> pictures;
  private final Optional<int[]> loads;
  private final FeatureTransform scaling;

  /**
   * @param loads the features in the order of their load in the first layer, if that is a mixture
   */
  MistakesSection(
      RunContents run, PredictedRows rows, Optional<Pictures> pictures, Optional<int[]> loads) {
    this.run = run;
    this.rows = rows;
    this.pictures = pictures;
    this.loads = loads;
    scaling =
        run.model().preprocessing().map(FeatureTransform::of).orElseGet(FeatureTransform::identity);
  }

  @Override
  public String title() {
    return rows instanceof PredictedRows.OfClasses ? "The worst mistakes" : "The largest errors";
  }

  @Override
  public void write(Html page) {
    int mistakes = mistakes();
    page.element(
        "p",
        mistakes == 0
            ? "No row is wrong. Least certain of "
                + rows.description()
                + " are these. Rows are numbered from 0."
            : (rows instanceof PredictedRows.OfClasses
                    ? mistakes + " of " + rows.description() + " are wrong. "
                    : "Of " + rows.description() + ": ")
                + "Those with the highest loss, the worst first; rows are numbered from 0. Look"
                + " here for wrong labels.");
    if (pictures.isPresent()) {
      images(page, pictures.get());
    } else {
      table(page);
    }
  }

  /** Returns the number of wrong rows; of real targets all are. */
  private int mistakes() {
    return rows instanceof PredictedRows.OfClasses classes
        ? (int) IntStream.range(0, classes.rows()).filter(classes::isWrong).count()
        : rows.rows();
  }

  /** Returns the worst rows: wrong ones, if there are any. */
  private int[] worst(int most) {
    boolean any = mistakes() > 0;
    return IntStream.of(rows.worst(rows.rows()))
        .filter(
            row ->
                !any || !(rows instanceof PredictedRows.OfClasses classes) || classes.isWrong(row))
        .limit(most)
        .toArray();
  }

  private void images(Html page, Pictures drawing) {
    page.open("ul", "class", "gallery");
    for (int row : worst(MOST_IMAGES)) {
      String truth = truth(row);
      String predicted = predicted(row);
      page.open("li");
      page.picture(
          "Row " + rows.number(row) + ", " + truth + ", predicted " + predicted,
          drawing.image(rows.features(row, run.schema().featureCount(), scaling)));
      page.element("span", "true " + truth, "class", "name");
      page.element("span", "predicted " + predicted, "class", "name");
      page.element(
          "span",
          "row "
              + rows.number(row)
              + ", "
              + rows.lossName()
              + " "
              + Words.number(rows.losses()[row]),
          "class",
          "note");
      page.close("li");
    }
    page.close("ul");
  }

  private String truth(int row) {
    return switch (rows) {
      case PredictedRows.OfClasses classes ->
          Words.name(classes.names().get(classes.labels()[row]));
      case PredictedRows.OfReals reals -> numbers(reals.truth()[row]);
    };
  }

  private String predicted(int row) {
    return switch (rows) {
      case PredictedRows.OfClasses classes -> {
        int predicted = classes.predicted()[row];
        yield Words.name(classes.names().get(predicted))
            + " ("
            + Words.percent(classes.probabilities()[row][predicted])
            + ")";
      }
      case PredictedRows.OfReals reals -> numbers(reals.values()[row]);
    };
  }

  private static String numbers(double[] values) {
    var text = new ArrayList<String>();
    for (int j = 0; j < Math.min(values.length, MOST_TARGETS); j++) {
      text.add(Words.number(values[j]));
    }
    return String.join(", ", text) + (values.length > MOST_TARGETS ? ", …" : "");
  }

  private void table(Html page) {
    Schema schema = run.schema();
    int[] shown =
        loads
            .map(IntStream::of)
            .orElseGet(() -> IntStream.range(0, schema.featureCount()))
            .limit(MOST_FEATURES)
            .toArray();
    page.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", title());
    page.open("table", "class", "numbers").open("thead").open("tr");
    var header = new ArrayList<>(List.of("row", "true", "predicted", rows.lossName()));
    for (int j : shown) {
      header.add(Words.feature(schema, j));
    }
    header.forEach(name -> page.element("th", name, "scope", "col"));
    page.close("tr").close("thead").open("tbody");
    for (int row : worst(MOST_ROWS)) {
      page.open("tr").element("th", String.valueOf(rows.number(row)), "scope", "row");
      page.element("td", truth(row)).element("td", predicted(row));
      page.element("td", Words.number(rows.losses()[row]));
      float[] values = rows.features(row, schema.featureCount(), scaling);
      for (int j : shown) {
        page.element("td", Words.number(values[j]));
      }
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
    if (shown.length < schema.featureCount()) {
      page.element(
          "p",
          loads.isPresent()
              ? "Shown are the "
                  + shown.length
                  + " of "
                  + schema.featureCount()
                  + " features with the largest load (see the measure below)."
              : "Shown are the first "
                  + shown.length
                  + " of "
                  + schema.featureCount()
                  + " features.",
          "class",
          "note");
    }
  }
}
