package io.measureflow.cli.tune;

import io.measureflow.cli.terminal.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The best trials, one in a line. */
final class TuneTable {

  /** The number of trials that are listed. */
  static final int ROWS = 10;

  private static final int WIDEST = 40;

  private TuneTable() {}

  /** Returns the table as text. */
  static String of(TuneOutcome outcome) {
    var lines = new ArrayList<List<String>>();
    lines.add(head(outcome));
    outcome.trials().stream().limit(ROWS).forEach(trial -> lines.add(cells(outcome, trial)));
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    var text = new StringBuilder();
    for (List<String> line : lines) {
      var row = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        row.append(i == 0 ? "" : "  ")
            .append(String.format(Locale.ROOT, "%" + widths[i] + "s", line.get(i)));
      }
      text.append(row).append(System.lineSeparator());
    }
    int more = outcome.trials().size() - ROWS;
    if (more > 0) {
      text.append(Text.count(more, "more trial")).append(" in ").append("trials.csv");
      text.append(System.lineSeparator());
    }
    return text.toString();
  }

  /** Returns the names of the columns. */
  static List<String> head(TuneOutcome outcome) {
    var head = new ArrayList<String>(List.of("trial", outcome.metric().title()));
    if (hasFurther(outcome)) {
      head.add(outcome.hasClasses() ? "accuracy" : "RMSE");
    }
    head.add("epochs");
    outcome.space().settings().keySet().forEach(key -> head.add(SearchedSettings.name(key)));
    return head;
  }

  private static boolean hasFurther(TuneOutcome outcome) {
    return outcome.metric() != JudgedBy.ACCURACY && outcome.metric() != JudgedBy.RMSE;
  }

  /** Returns the cells of a trial. */
  static List<String> cells(TuneOutcome outcome, TrialRow.Trial trial) {
    TrialRow last = trial.last();
    var cells = new ArrayList<String>();
    cells.add(String.valueOf(trial.index() + 1));
    cells.add(last.isDiverged() ? "diverged" : Text.loss(last.score()));
    if (hasFurther(outcome)) {
      cells.add(last.isDiverged() ? "" : Text.loss(last.further()));
    }
    cells.add(String.valueOf(last.epochs()));
    for (String value : trial.settings().values()) {
      cells.add(value.length() <= WIDEST ? value : value.substring(0, WIDEST - 1) + "…");
    }
    return cells;
  }
}
