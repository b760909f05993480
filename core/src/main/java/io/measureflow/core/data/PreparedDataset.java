package io.measureflow.core.data;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Split;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A loaded dataset after preparation: split, and with its features filled and standardized by the
 * statistics of the training rows or of an earlier training run.
 */
public final class PreparedDataset implements Dataset {

  private static final System.Logger LOG = System.getLogger(PreparedDataset.class.getName());

  private final Dataset source;
  private final Schema schema;
  private final Table train;
  private final Optional<Table> test;
  private final Preprocessing preprocessing;
  private final String choices;

  private PreparedDataset(
      Dataset source,
      Schema schema,
      Table train,
      Optional<Table> test,
      Preprocessing preprocessing,
      String choices) {
    this.source = source;
    this.schema = schema;
    this.train = train;
    this.test = test;
    this.preprocessing = preprocessing;
    this.choices = choices;
  }

  /**
   * Loads a dataset and prepares it.
   *
   * @throws InvalidRequestException if the data do not allow what is requested, or the loader
   *     throws
   */
  public static Dataset load(DatasetRequest request, Function<DatasetRequest, Dataset> loader) {
    DatasetRequest effective = effective(request);
    Dataset source = loader.apply(exact(effective));
    try {
      return prepare(source, effective);
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
  }

  /**
   * Values are subtracted from and divided before they are rounded: a column of large numbers that
   * differ little would lose its differences otherwise.
   */
  private static DatasetRequest exact(DatasetRequest request) {
    boolean standardises =
        request.scaling().equals(Optional.of(Scaling.STANDARDISE))
            || request.targetScaling().equals(Optional.of(Scaling.STANDARDISE));
    return standardises ? request.withPrecision(Precision.FLOAT64) : request;
  }

  /** The request, with what an earlier preprocessing decides. */
  private static DatasetRequest effective(DatasetRequest request) {
    if (request.use() == Use.PREDICT && request.columns().missing() == Missing.DROP) {
      throw InvalidRequestException.of(
          "missing values",
          "refuse, mean or auto where rows are predicted for, so that there is a prediction for"
              + " each",
          "drop",
          "Choose another treatment.");
    }
    Columns columns = request.columns();
    if (request.preprocessing().isEmpty()) {
      // Rows to predict for are no rows to take means of.
      return request.use() == Use.PREDICT && columns.missing() == Missing.AUTO
          ? request.withColumns(columns.withMissing(Missing.REFUSE))
          : request;
    }
    Preprocessing earlier = request.preprocessing().get();
    boolean unfilled = earlier.fill().isEmpty() && columns.missing().fills();
    return request
        .withScaling(Optional.of(earlier.scaling()))
        .withTargetScaling(
            Optional.of(earlier.targetMean().isEmpty() ? Scaling.NONE : Scaling.STANDARDISE))
        .withColumns(
            !earlier.fill().isEmpty()
                ? columns.withMissing(Missing.MEAN)
                : unfilled ? columns.withMissing(Missing.REFUSE) : columns);
  }

  private static Dataset prepare(Dataset source, DatasetRequest request) {
    Table train = source.train();
    Optional<Table> test = source.test();
    Schema schema = source.schema();
    if (request.use() != Use.PREDICT
        && schema.target() instanceof Schema.Target.Classes(List<String> found)
        && request.preprocessing().map(Preprocessing::target).orElse(schema.target())
            instanceof Schema.Target.Classes known
        && !found.equals(known.names())) {
      int[] indices = RelabelledTable.indices(source.name(), found, known);
      train = new RelabelledTable(train, indices);
      test = test.map(rows -> new RelabelledTable(rows, indices));
      schema = schema.withTarget(known);
    }
    Split split = request.split();
    boolean splits = split.test() > 0 && request.use() != Use.PREDICT;
    if (splits) {
      if (test.isPresent()) {
        throw InvalidRequestException.of(
            "dataset.split",
            "0 for data that have test rows of their own",
            String.valueOf(split.test()),
            "Leave it out.");
      }
      var parts =
          StratifiedSplit.of("dataset.split", train, schema.target(), split.test(), split.seed());
      train = parts.kept();
      test = Optional.of(parts.held());
    }
    boolean known = request.preprocessing().isPresent();
    Measured measured =
        known
            ? new Measured(checked(request.preprocessing().get(), source), true)
            : measured(train, source, request);
    Preprocessing preprocessing = measured.preprocessing;
    FeatureTransform features = FeatureTransform.after(source.preprocessing(), preprocessing);
    boolean standardises =
        source.preprocessing().mean().isEmpty() && !preprocessing.mean().isEmpty();
    int width = source.schema().featureCount();
    if (!standardises
        && !measured.gaps
        && test.map(rows -> !FeatureStatistics.hasMissing(rows, width)).orElse(true)) {
      // Kept for later rows, and nothing to be done to these.
      features = FeatureTransform.identity();
    }
    FeatureTransform targets =
        FeatureTransform.ofTargetsAfter(source.preprocessing(), preprocessing);
    boolean changes = !features.isIdentity() || !targets.isIdentity();
    if (!splits && !changes && !known && preprocessing.equals(source.preprocessing())) {
      return source;
    }
    String choices =
        (splits ? " split=" + split.test() + " seed=" + split.seed() : "")
            + (standardises ? " " + preprocessing.scaling() : "")
            + (targets.isIdentity() ? "" : " targets standardised");
    if (changes) {
      FeatureTransform done = features;
      Precision precision = request.precision();
      train = new PreprocessedTable(train, done, targets, width, precision);
      test = test.map(rows -> new PreprocessedTable(rows, done, targets, width, precision));
    }
    return new PreparedDataset(source, schema, train, test, preprocessing, choices);
  }

  private static Preprocessing checked(Preprocessing earlier, Dataset source) {
    if (earlier.featureCount() != source.schema().featureCount()) {
      throw InvalidRequestException.of(
          source.name(),
          earlier.featureCount() + " features, the inputs of the model",
          String.valueOf(source.schema().featureCount()),
          "Choose the data that the model was made for.");
    }
    return earlier;
  }

  /**
   * A preprocessing of training rows.
   *
   * @param gaps whether one of them may lack a value
   */
  private record Measured(Preprocessing preprocessing, boolean gaps) {}

  private static Measured measured(Table train, Dataset source, DatasetRequest request) {
    Preprocessing plain = source.preprocessing();
    Schema schema = source.schema();
    // What the source has done to its rows already is not done again.
    boolean fills =
        plain.fill().isEmpty()
            && (request.columns().missing() == Missing.MEAN
                || (request.columns().missing() == Missing.AUTO && schema.image().isEmpty()));
    boolean standardises =
        request.scaling().equals(Optional.of(Scaling.STANDARDISE)) && plain.mean().isEmpty();
    boolean targets =
        request.targetScaling().orElse(standardises ? Scaling.STANDARDISE : Scaling.NONE)
                == Scaling.STANDARDISE
            && request.use() != Use.PREDICT
            && plain.targetMean().isEmpty()
            && schema.target() instanceof Schema.Target.Real;
    if (targets) {
      plain = withTargets(plain, train);
    }
    if (!fills && !standardises) {
      return new Measured(plain, true);
    }
    var statistics = FeatureStatistics.of(train, schema.featureCount());
    if (fills) {
      statistics
          .missing(schema)
          .ifPresent(
              text ->
                  LOG.log(
                      System.Logger.Level.INFO,
                      "{0}: {1}",
                      request.data().map(Path::toString).orElse(source.name()),
                      text));
    }
    return new Measured(
        plain.withFeatures(
            standardises ? Scaling.STANDARDISE : plain.scaling(),
            fills ? statistics.mean() : plain.fill(),
            standardises ? statistics.mean() : plain.mean(),
            standardises ? statistics.deviation() : plain.deviation()),
        statistics.hasMissing());
  }

  private static Preprocessing withTargets(Preprocessing plain, Table train) {
    var statistics =
        FeatureStatistics.ofTargets(train, ((Schema.Target.Real) plain.target()).names().size());
    return plain.withTargets(statistics.mean(), statistics.targetDeviation());
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public Schema schema() {
    return schema;
  }

  /** The files of the source; a split has rows of its own, of which they say nothing. */
  @Override
  public List<String> trainFiles() {
    List<String> files = source.trainFiles();
    return files.size() == train.rows() ? files : List.of();
  }

  @Override
  public List<String> testFiles() {
    List<String> files = source.testFiles();
    return test.isPresent() && files.size() == test.get().rows() ? files : List.of();
  }

  @Override
  public Table train() {
    return train;
  }

  @Override
  public Optional<Table> test() {
    return test;
  }

  @Override
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  @Override
  public List<SourceColumn> columns() {
    return source.columns();
  }

  @Override
  public String fingerprint() {
    if (choices.isEmpty()) {
      return source.fingerprint();
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((source.fingerprint() + choices).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  @Override
  public void close() {
    release(train);
    test.ifPresent(PreparedDataset::release);
    source.close();
  }

  private static void release(Table table) {
    if (table instanceof PreprocessedTable preprocessed) {
      preprocessed.release();
    }
  }
}
