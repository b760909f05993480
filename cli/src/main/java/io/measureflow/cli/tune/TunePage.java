package io.measureflow.cli.tune;

import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.report.Page;
import io.measureflow.cli.report.Section;
import io.measureflow.cli.terminal.Text;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.plots.Html;
import io.measureflow.plots.SvgPlot;
import io.measureflow.plots.SvgSheet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The page about a search, and its picture. */
final class TunePage {

  private static final int COLUMNS = 2;

  private TunePage() {}

  /** Writes both. */
  static void write(TuneOutcome outcome, TrainingSettings best, TuneFolder folder) {
    var plots = new ArrayList<SvgPlot>();
    plots.add(TunePlots.halving(outcome));
    plots.addAll(TunePlots.settings(outcome));
    AtomicFile.write(
        folder.picture(), SvgSheet.of("Search for settings: " + outcome.data(), plots, COLUMNS));
    AtomicFile.write(
        folder.page(),
        Page.of(
            "MeasureFlow, search for settings",
            outcome.data(),
            folder.path(),
            List.of(
                section("Best settings", page -> best(page, outcome, best, folder)),
                section(
                    "Settings and " + outcome.metric().title(), page -> settings(page, outcome)),
                section("Rounds", page -> rounds(page, outcome)),
                section("Trials", page -> trials(page, outcome)))));
  }

  private static Section section(String title, Consumer<Html> content) {
    return new Section() {
      @Override
      public String title() {
        return title;
      }

      @Override
      public void write(Html page) {
        content.accept(page);
      }
    };
  }

  private static void best(
      Html page, TuneOutcome outcome, TrainingSettings best, TuneFolder folder) {
    TrialRow.Trial first = outcome.trials().getFirst();
    page.open("dl", "class", "tiles");
    tile(
        page,
        "Validation " + outcome.metric().title(),
        Text.loss(first.last().score()),
        "epoch " + Math.round(first.last().kept()) + " of " + first.last().epochs());
    for (Map.Entry<String, String> setting : first.settings().entrySet()) {
      tile(page, SearchedSettings.name(setting.getKey()), setting.getValue(), "");
    }
    long diverged = outcome.trials().stream().filter(trial -> trial.last().isDiverged()).count();
    tile(
        page,
        "Trials",
        String.valueOf(outcome.trials().size()),
        diverged == 0 ? "none diverged" : diverged + " diverged");
    page.close("dl");
    page.element("p", "To train with these settings, with rows held out as in the search:");
    page.element("pre", TuneOutcome.again(folder));
    page.element("p", "To train on all training rows:");
    page.element("pre", outcome.onAllRows(folder, best));
  }

  private static void tile(Html page, String name, String value, String note) {
    page.open("div").element("dt", name).element("dd", value);
    if (!note.isEmpty()) {
      page.element("dd", note, "class", "note");
    }
    page.close("div");
  }

  private static void settings(Html page, TuneOutcome outcome) {
    page.element(
        "p",
        "Each point is a trial, with its score in the last round that it took part in. Trials that"
            + " were left out early were trained for fewer epochs: compare them among each other.");
    page.open("div", "class", "charts");
    for (SvgPlot plot : TunePlots.settings(outcome)) {
      plot.writeTo(page, "", outcome.metric().title() + " of each trial by this setting.");
    }
    page.close("div");
  }

  private static void rounds(Html page, TuneOutcome outcome) {
    page.open("div", "class", "charts");
    TunePlots.halving(outcome)
        .writeTo(
            page,
            "Each line is a trial, and ends where the trial was left out.",
            outcome.metric().title() + " of each trial after each round.");
    page.close("div");
    page.open("div", "class", "scroll").open("table", "class", "numbers");
    page.open("thead").open("tr");
    List.of("round", "trials", "epochs", "best " + outcome.metric().title())
        .forEach(head -> page.element("th", head, "scope", "col"));
    page.close("tr").close("thead").open("tbody");
    for (int i = 0; i < outcome.halving().rounds().size(); i++) {
      int round = i;
      List<TrialRow> rows =
          outcome.trials().stream()
              .flatMap(trial -> trial.rows().stream())
              .filter(row -> row.round() == round)
              .toList();
      double best =
          rows.stream()
              .filter(row -> !row.isDiverged())
              .mapToDouble(row -> outcome.metric().score(row.score()))
              .min()
              .orElse(Double.NaN);
      page.open("tr").element("td", String.valueOf(round + 1));
      page.element("td", String.valueOf(rows.size()));
      page.element("td", String.valueOf(outcome.halving().rounds().get(i).epochs()));
      page.element("td", Double.isNaN(best) ? "–" : Text.loss(outcome.metric().score(best)));
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
  }

  private static void trials(Html page, TuneOutcome outcome) {
    table(page, outcome, outcome.trials().stream().limit(TuneTable.ROWS).toList());
    if (outcome.trials().size() > TuneTable.ROWS) {
      page.open("details").element("summary", "All " + outcome.trials().size() + " trials");
      table(page, outcome, outcome.trials());
      page.close("details");
    }
  }

  private static void table(Html page, TuneOutcome outcome, List<TrialRow.Trial> trials) {
    page.open("div", "class", "scroll").open("table", "class", "numbers");
    page.open("thead").open("tr");
    TuneTable.head(outcome).forEach(head -> page.element("th", head, "scope", "col"));
    page.close("tr").close("thead").open("tbody");
    for (TrialRow.Trial trial : trials) {
      page.open("tr");
      TuneTable.cells(outcome, trial).forEach(cell -> page.element("td", cell));
      page.close("tr");
    }
    page.close("tbody").close("table").close("div");
  }
}
