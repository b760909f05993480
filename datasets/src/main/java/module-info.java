/** Datasets on Apache Arrow: loaders, caches, conversion, downloads. */
module io.measureflow.datasets {
  requires transitive io.measureflow.api;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.github.luben.zstd_jni;
  requires de.siegmar.fastcsv;
  requires dev.hardwood.core;
  requires java.desktop;
  requires java.net.http;
  requires org.apache.arrow.format;
  requires org.apache.arrow.memory.core;
  requires org.apache.arrow.vector;
  requires flatbuffers.java;
  requires org.lz4.java;
  requires snappy.java;

  // For authors of further table formats.
  exports io.measureflow.datasets.format;

  uses io.measureflow.datasets.format.TableFormat;

  provides io.measureflow.api.data.DatasetConverter with
      io.measureflow.datasets.table.TableConverter;
  provides io.measureflow.api.data.DatasetFetcher with
      io.measureflow.datasets.fetch.PinnedFetcher;
  provides io.measureflow.api.data.DatasetProvider with
      io.measureflow.datasets.image.CifarProvider,
      io.measureflow.datasets.image.DigitsProvider,
      io.measureflow.datasets.image.IdxProvider,
      io.measureflow.datasets.image.ImageFolderProvider,
      io.measureflow.datasets.table.TableProvider;
  provides io.measureflow.api.data.PredictionWriter with
      io.measureflow.datasets.table.TablePredictionWriter;
  provides io.measureflow.datasets.format.TableFormat with
      io.measureflow.datasets.csv.CsvFormat,
      io.measureflow.datasets.parquet.ParquetFormat,
      io.measureflow.datasets.arrow.ArrowFormat;
}
