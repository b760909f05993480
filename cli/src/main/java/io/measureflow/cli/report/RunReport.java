package io.measureflow.cli.report;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.cli.run.JudgedRows;
import io.measureflow.cli.run.MetricsFile;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
      JudgedRows judged,
      Evaluation evaluation,
      Backend backend) {
    try {
      write(
          folder, title, model, dataset, judged, Optional.of(evaluation), backend, folder.report());
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
   * @param judged the rows of the dataset that the model is judged by
   * @param evaluation its metrics on them; empty if it predicts numbers that are not finite
   * @throws InvalidRequestException if the run has no epochs or its model does not fit the data
   * @throws RunFailedException if the file cannot be written
   */
  static void write(
      RunFolder folder,
      String title,
      TrainedModel model,
      Dataset dataset,
      JudgedRows judged,
      Optional<Evaluation> evaluation,
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
            model.provenance().map(RunReport::json).orElseGet(ConfigFactory::empty),
            evaluation.map(
                metrics ->
                    new RunContents.Result(
                        metrics,
                        PredictedRows.of(judged, dataset.schema().target(), model, backend))));
    AtomicFile.write(file, page(run));
  }

  /** A model may come from anywhere: its text is JSON, which reads no files, or nothing. */
  static Config json(String provenance) {
    try {
      return ConfigFactory.parseString(
          provenance, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
    } catch (ConfigException e) {
      LOG.log(System.Logger.Level.DEBUG, "The provenance was not read: {0}", e.toString());
      return ConfigFactory.empty();
    }
  }

  private static String config(RunFolder folder) {
    try {
      return Files.readString(folder.config());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was not read: {1}", folder.config(), e.toString());
      return "";
    }
  }

  static String page(RunContents run) {
    return Page.of(
        "MeasureFlow, report of a run", Words.name(run.data()), run.folder().path(), sections(run));
  }

  private static List<Section> sections(RunContents run) {
    Optional<Pictures> pictures = Pictures.of(run.schema());
    Model model = run.model().model();
    var measures = new ArrayList<MeasureSection>();
    model
        .spec()
        .byPath()
        .forEach(
            (path, layer) -> {
              if (layer instanceof MeasureLayer measure && Component.areIn(layer)) {
                measures.add(new MeasureSection(run, path, measure, pictures));
              }
            });
    Optional<int[]> loads =
        measures.stream()
            .filter(MeasureSection::seesFeatures)
            .map(MeasureSection::order)
            .findFirst();
    var sections = new ArrayList<Section>();
    sections.add(new HeadlineSection(run));
    sections.add(new CurvesSection(run.epochs(), run.kept().epoch()));
    run.result()
        .ifPresent(
            result -> {
              result
                  .evaluation()
                  .classification()
                  .ifPresent(metrics -> sections.add(new ConfusionSection(metrics, result.rows())));
              if (result.rows() instanceof PredictedRows.OfReals reals) {
                result
                    .evaluation()
                    .regression()
                    .ifPresent(metrics -> sections.add(new RegressionSection(metrics, reals)));
              }
              sections.add(new MistakesSection(run, result.rows(), pictures, loads));
              result
                  .evaluation()
                  .classification()
                  .ifPresent(
                      metrics -> sections.add(new ReliabilitySection(metrics, result.rows())));
            });
    sections.addAll(measures);
    if (!run.config().isEmpty()) {
      sections.add(new SettingsSection(run.config()));
    }
    sections.add(new ProvenanceSection(run));
    return sections;
  }
}
