package io.measureflow.datasets.cache;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.io.Hashes;
import io.measureflow.datasets.io.SourceFiles;
import io.measureflow.datasets.store.ArrowDataset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Caches datasets as memory-mapped Arrow IPC files, created once per source and readable by any
 * number of processes, whatever their size. A cache file is identified by the paths, sizes and
 * times of its sources and by the options that affect its content.
 */
public final class ArrowCache {

  static final String VERSION = "1";
  static final String PREFIX = "measureflow.";

  private ArrowCache() {}

  /**
   * The files of a dataset.
   *
   * @param train the training rows; written last, so that the cache is complete if it exists
   * @param test the test rows, if there are any
   */
  public record CacheFiles(Path train, Path test) {}

  /** Creates the files of a dataset, the training rows last. */
  @FunctionalInterface
  public interface Maker {
    /** Creates the files of a dataset with this fingerprint. */
    void make(String fingerprint, CacheFiles files);
  }

  /**
   * The description stored in a file.
   *
   * @param type the element type of the features
   * @param fingerprint the hash of the source
   * @param tested whether there are test rows
   */
  public record Content(
      Schema schema, Scaling scaling, ElementType type, String fingerprint, boolean tested) {

    int labelWidth() {
      return switch (schema.target()) {
        case Target.Classes classes -> 1;
        case Target.Real(List<String> names) -> names.size();
        case Target.None none -> 0;
      };
    }

    ElementType labelType() {
      return schema.target() instanceof Target.Classes ? ElementType.INT32 : type;
    }

    org.apache.arrow.vector.types.pojo.Schema arrowSchema(int batchRows) {
      var metadata = new LinkedHashMap<String, String>();
      metadata.put(PREFIX + "cache", VERSION);
      metadata.put(PREFIX + "fingerprint", fingerprint);
      metadata.put(PREFIX + "scaling", scaling.name());
      metadata.put(PREFIX + "tested", String.valueOf(tested));
      metadata.put(PREFIX + "batch", String.valueOf(batchRows));
      schema
          .image()
          .ifPresent(
              image ->
                  metadata.put(
                      PREFIX + "image",
                      image.channels() + "x" + image.height() + "x" + image.width()));
      names(metadata, "feature", schema.features());
      names(metadata, "date", schema.encoding().dates());
      List<Category> categories = schema.encoding().categories();
      names(metadata, "category", categories.stream().map(Category::column).toList());
      for (int i = 0; i < categories.size(); i++) {
        String category = "category." + i;
        metadata.put(PREFIX + category + ".first", String.valueOf(categories.get(i).first()));
        names(metadata, category + ".value", categories.get(i).values());
      }
      switch (schema.target()) {
        case Target.Classes(List<String> names) -> names(metadata, "class", names);
        case Target.Real(List<String> names) -> names(metadata, "target", names);
        case Target.None none -> {}
      }
      var fields = new ArrayList<Field>();
      fields.add(lists("features", type, schema.featureCount()));
      switch (schema.target()) {
        case Target.Classes classes ->
            fields.add(
                new Field("label", FieldType.notNullable(new ArrowType.Int(32, true)), null));
        case Target.Real real -> fields.add(lists("targets", type, labelWidth()));
        case Target.None none -> {}
      }
      return new org.apache.arrow.vector.types.pojo.Schema(fields, metadata);
    }

    private static Field lists(String name, ElementType type, int width) {
      var element =
          new ArrowType.FloatingPoint(
              type == ElementType.FLOAT64
                  ? FloatingPointPrecision.DOUBLE
                  : FloatingPointPrecision.SINGLE);
      return new Field(
          name,
          FieldType.notNullable(new ArrowType.FixedSizeList(width)),
          List.of(new Field("item", FieldType.notNullable(element), null)));
    }

    private static void names(Map<String, String> metadata, String kind, List<String> names) {
      for (int i = 0; i < names.size(); i++) {
        metadata.put(PREFIX + kind + "." + i, names.get(i));
      }
    }
  }

  /**
   * Opens a dataset, creating its files if they do not exist.
   *
   * @param sources the source files
   */
  public static Dataset open(DatasetRequest request, List<Path> sources, Maker maker) {
    Path folder = request.storage().folder().orElseGet(ArrowCache::defaultFolder);
    CacheFiles files = files(folder, request, sources);
    if (!Files.isRegularFile(files.train)) {
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new InvalidRequestException(
            folder
                + ": expected a folder for caches, found that it cannot be made ("
                + AtomicFile.reason(e)
                + "). Name another with dataset.cache.",
            e);
      }
      maker.make(fingerprint(request, sources), files);
    }
    return map(request, files);
  }

  /** Opens a dataset as {@link #open}, for loaders that have all rows in memory first. */
  public static Dataset open(
      DatasetRequest request, List<Path> sources, Supplier<? extends Dataset> inMemory) {
    return open(
        request,
        sources,
        (fingerprint, files) -> {
          try (Dataset dataset = inMemory.get()) {
            var content =
                new Content(
                    dataset.schema(),
                    dataset.preprocessing().scaling(),
                    request.precision().elementType(),
                    dataset.fingerprint(),
                    dataset.test().isPresent());
            dataset.test().ifPresent(rows -> write(files.test, content, rows));
            write(files.train, content, dataset.train());
          }
        });
  }

  private static void write(Path file, Content content, Table rows) {
    try (var writer = new ArrowCacheWriter(file, content)) {
      writer.append(rows);
      writer.commit();
    }
  }

  private static Path defaultFolder() {
    String caches = System.getenv("XDG_CACHE_HOME");
    Path root =
        caches == null || caches.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(caches);
    return root.resolve("measureflow");
  }

  private static CacheFiles files(Path folder, DatasetRequest request, List<Path> sources) {
    MessageDigest digest = Hashes.sha256();
    update(digest, VERSION + " " + options(request));
    for (Path source : sources) {
      try {
        update(
            digest,
            source.toRealPath()
                + " "
                + Files.size(source)
                + " "
                + Files.getLastModifiedTime(source));
      } catch (IOException e) {
        throw SourceFiles.unreadable(source, e);
      }
    }
    String key = request.name() + "-" + Hashes.hex(digest).substring(0, 32);
    return new CacheFiles(folder.resolve(key + ".arrow"), folder.resolve(key + "-test.arrow"));
  }

  private static void update(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the options of a request that affect the content of the rows. */
  private static String options(DatasetRequest request) {
    return String.join(
        "\n",
        String.join("\n", request.columns().labels()),
        String.valueOf(request.columns().separator()),
        String.valueOf(request.columns().header()),
        String.valueOf(request.columns().missing()),
        String.valueOf(request.columns().target()),
        encoding(request.columns()),
        String.valueOf(request.scaling()),
        String.valueOf(request.precision()),
        String.valueOf(request.use()),
        request
            .preprocessing()
            .map(earlier -> earlier.features() + " " + earlier.encoding() + " " + earlier.target())
            .orElse(""));
  }

  private static String encoding(DatasetRequest.Columns columns) {
    return columns.mostCategories() + " " + columns.categories() + " " + columns.dates();
  }

  /** Returns a hash of the files and of the options by which they are read. */
  public static String fingerprint(DatasetRequest request, List<Path> sources) {
    MessageDigest digest = Hashes.sha256();
    byte[] buffer = new byte[1 << 16];
    for (Path file : sources) {
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      } catch (IOException e) {
        throw SourceFiles.unreadable(file, e);
      }
    }
    DatasetRequest.Columns columns = request.columns();
    update(
        digest,
        String.join("\n", columns.labels())
            + "\n"
            // What is found by itself is part of the content.
            + columns.separator().map(separator -> separator + " ").orElse("")
            + columns.header()
            + " "
            // Rows are the same whether their gaps are refused, or filled later.
            + (columns.missing() == DatasetRequest.Missing.DROP)
            + " "
            + columns.target()
            + " "
            + encoding(columns));
    return Hashes.hex(digest);
  }

  // ---- reading ----

  private static Dataset map(DatasetRequest request, CacheFiles files) {
    var memory = new MappedMemory();
    try {
      MappedFile train = new MappedFile(files.train, memory);
      Content content = train.content();
      Optional<Table> test =
          content.tested
              ? Optional.of(test(files.test, memory, content).table(request))
              : Optional.empty();
      return new ArrowDataset(
          request.name(),
          content.schema,
          content.scaling,
          train.table(request),
          test,
          () -> content.fingerprint,
          memory::close);
    } catch (IOException | RuntimeException | InternalError e) {
      memory.close();
      throw new InvalidRequestException(
          files.train
              + ": expected a cache file of MeasureFlow, found something else ("
              + AtomicFile.reason(e)
              + "). Delete it, and it will be made again.",
          e);
    }
  }

  private static MappedFile test(Path file, MappedMemory memory, Content train) throws IOException {
    var test = new MappedFile(file, memory);
    Content content = test.content();
    if (!content.schema.equals(train.schema) || content.type != train.type) {
      throw new IOException("test rows with other columns in " + file);
    }
    return test;
  }
}
