package io.measureflow.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The formats of tables that can be written. */
enum OutputFormat {
  CSV("csv") {
    @Override
    TableWriter open(AtomicOutput output, List<Field> fields) throws IOException {
      return new CsvTableWriter(output, fields, false);
    }
  },
  CSV_GZIP("csv.gz") {
    @Override
    TableWriter open(AtomicOutput output, List<Field> fields) throws IOException {
      return new CsvTableWriter(output, fields, true);
    }
  },
  PARQUET("parquet") {
    @Override
    TableWriter open(AtomicOutput output, List<Field> fields) throws IOException {
      return new ParquetTableWriter(output, fields);
    }
  },
  ARROW_FILE("arrow") {
    @Override
    TableWriter open(AtomicOutput output, List<Field> fields) throws IOException {
      return new ArrowTableWriter(output, fields, false);
    }
  },
  ARROW_STREAM("arrows") {
    @Override
    TableWriter open(AtomicOutput output, List<Field> fields) throws IOException {
      return new ArrowTableWriter(output, fields, true);
    }
  };

  private final String key;

  OutputFormat(String key) {
    this.key = key;
  }

  /** The name of the format, and the ending of its files. */
  String key() {
    return key;
  }

  /** Begins a table; on failure nothing is left open but the output. */
  abstract TableWriter open(AtomicOutput output, List<Field> fields) throws IOException;

  /** The format of a name. */
  static Optional<OutputFormat> of(String key) {
    return Arrays.stream(values()).filter(format -> format.key.equals(key)).findFirst();
  }

  /** The format that the ending of a file's name says. */
  static Optional<OutputFormat> of(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(format -> name.endsWith("." + format.key)).findFirst();
  }
}
