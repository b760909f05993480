package io.measureflow.datasets;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Writes predictions as comma-separated values, each number with as many digits as it takes to read
 * the same number again.
 */
public final class CsvPredictionWriter implements PredictionWriter {

  @Override
  public boolean writes(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
  }

  @Override
  public Rows open(Path file, List<String> columns) {
    return new CsvRows(file, columns);
  }

  private static final class CsvRows extends PredictionRows {

    private final StringBuilder text = new StringBuilder();

    CsvRows(Path file, List<String> columns) {
      super(file, columns);
    }

    @Override
    void writeHeader(Tensor first) {
      text.append(String.join(",", names()));
      text.append('\n');
    }

    @Override
    void writeRows(Tensor batch, int rows) throws IOException {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns(); j++) {
          if (j > 0) {
            text.append(',');
          }
          long at = (long) i * columns() + j;
          switch (batch.type()) {
            case FLOAT32 -> text.append(batch.memory().getAtIndex(ValueLayout.JAVA_FLOAT, at));
            case FLOAT64 -> text.append(batch.memory().getAtIndex(ValueLayout.JAVA_DOUBLE, at));
            case INT32 -> text.append(batch.memory().getAtIndex(ValueLayout.JAVA_INT, at));
          }
        }
        text.append('\n');
      }
      flush();
    }

    @Override
    void writeFooter() throws IOException {
      flush();
    }

    private void flush() throws IOException {
      output().write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)));
      text.setLength(0);
    }
  }
}
