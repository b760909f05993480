package io.measureflow.cli.report;

import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.core.data.StratifiedSplit;
import io.measureflow.core.training.TrainingSettings;
import io.measureflow.plots.Html;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Writes the page about a run. */
public final class RunReport {

  private static final System.Logger LOG = System.getLogger(RunReport.class.getName());

  private RunReport() {}

  /**
   * Writes the page of a run that has just ended. If that fails, logs a warning; the run is not
   * affected.
   */
  public static void afterTraining(
      RunFolder folder,
      String title,
      TrainedModel model,
      Dataset dataset,
      TrainingSettings settings,
      Backend backend) {
    try {
      write(folder, title, model, dataset, settings, backend, folder.report());
    } catch (RuntimeException | LinkageError e) {
      LOG.log(
          System.Logger.Level.WARNING,
          folder.report()
              + " could not be written ("
              + AtomicFile.reason(e)
              + "); the run is complete. 'measureflow report' tries again.",
          e);
    }
  }

  /**
   * Writes the page of a run.
   *
   * @param title the name of the data
   * @param model the result of the run
   * @param dataset the data of the run, open
   * @param settings the settings of the run, which decide what was held out
   * @throws InvalidRequestException if the run has no epochs or its model does not fit the data
   * @throws RunFailedException if the file cannot be written
   */
  public static void write(
      RunFolder folder,
      String title,
      TrainedModel model,
      Dataset dataset,
      TrainingSettings settings,
      Backend backend,
      Path file) {
    model.requireInputs(dataset);
    var run =
        new RunContents(
            folder,
            title,
            dataset.schema(),
            dataset.train().rows(),
            config(folder),
            MetricsFile.read(folder.path()),
            model,
            predicted(model, dataset, settings, backend));
    AtomicFile.write(file, page(run));
  }

  private static String config(RunFolder folder) {
    try {
      return Files.readString(folder.config());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was not read: {1}", folder.config(), e.toString());
      return "";
    }
  }

  /** Predicts test rows; without them the rows held out, without those the training rows. */
  private static Optional<PredictedRows> predicted(
      TrainedModel model, Dataset dataset, TrainingSettings settings, Backend backend) {
    String kind = "training";
    Table table = dataset.train();
    if (dataset.test().isPresent()) {
      kind = "test";
      table = dataset.test().get();
    } else if (settings.validation() > 0) {
      kind = "validation";
      table =
          StratifiedSplit.of(
                  "validation",
                  dataset.train(),
                  dataset.schema().target(),
                  settings.validation(),
                  settings.seed())
              .held();
    }
    try {
      return Optional.of(PredictedRows.of(kind, table, dataset.schema().target(), model, backend));
    } catch (RunFailedException e) {
      LOG.log(System.Logger.Level.WARNING, "The report shows no predictions: {0}", e.getMessage());
      return Optional.empty();
    }
  }

  static String page(RunContents run) {
    var page = new Html();
    String title = Words.name(run.data()) + " – " + Words.name(name(run.folder().path()));
    page.markup("<!DOCTYPE html>\n").open("html", "lang", "en").open("head");
    page.markup("<meta charset=\"utf-8\">\n");
    page.markup(
        """
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        """);
    page.element("title", title);
    page.open("style").markup(style()).close("style").close("head").open("body");
    page.open("header");
    page.element("p", "MeasureFlow, report of a run", "class", "note");
    page.element("h1", Words.name(run.data()));
    page.element("p", name(run.folder().path()), "class", "path");
    page.close("header").open("main");
    List<Section> sections = sections(run).stream().filter(Section::isPresent).toList();
    page.open("nav", "aria-label", "Sections").open("ul");
    for (int i = 0; i < sections.size(); i++) {
      page.open("li").element("a", sections.get(i).title(), "href", "#s" + i).close("li");
    }
    page.close("ul").close("nav");
    for (int i = 0; i < sections.size(); i++) {
      page.open("section", "id", "s" + i).element("h2", sections.get(i).title());
      sections.get(i).write(page);
      page.close("section");
    }
    return page.close("main").close("body").close("html").toString();
  }

  private static List<Section> sections(RunContents run) {
    Optional<Pictures> pictures = Pictures.of(run.schema());
    var sections = new ArrayList<Section>();
    sections.add(new HeadlineSection(run));
    sections.add(new CurvesSection(run.epochs(), run.kept().epoch()));
    run.rows()
        .ifPresent(
            rows -> {
              switch (rows) {
                case PredictedRows.OfClasses classes -> {
                  sections.add(new ConfusionSection(classes));
                  sections.add(new MistakesSection(run, rows, pictures, features(run)));
                  sections.add(new ReliabilitySection(classes));
                }
                case PredictedRows.OfReals reals -> {
                  sections.add(new RegressionSection(reals));
                  sections.add(new MistakesSection(run, rows, pictures, features(run)));
                }
              }
            });
    for (int layer = 0; layer < run.model().model().spec().layers().size(); layer++) {
      sections.add(new MeasureSection(run, layer, pictures));
    }
    sections.add(new SettingsSection(run.config()));
    sections.add(new ProvenanceSection(run));
    return sections;
  }

  /** Returns the features in the order of their load in the first layer, if that is known. */
  private static int[] features(RunContents run) {
    int width = run.schema().featureCount();
    return Component.areIn(run.model().model(), 0)
        ? Loads.of(Component.heaviest(run.model().model(), 0, MeasureSection.MOST_COMPONENTS))
            .order(width)
        : IntStream.range(0, width).toArray();
  }

  private static String name(Path folder) {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  private static String style() {
    try (InputStream style = RunReport.class.getResourceAsStream("report.css")) {
      if (style == null) {
        throw new IllegalStateException("report.css is missing from the program");
      }
      return new String(style.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
