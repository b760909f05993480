package io.measureflow.datasets.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What pandas says of a table in the metadata of a Parquet or Arrow file. */
public final class PandasMetadata {

  /** Why a column of the index is no feature. */
  public static final String INDEX = "the index of a pandas table; reset_index() keeps it";

  private static final String KEY = "pandas";

  private PandasMetadata() {}

  /** The names of the columns that are the index of the table. */
  public static Set<String> index(@Nullable Map<String, String> metadata) {
    String text = metadata == null ? null : metadata.get(KEY);
    if (text == null) {
      return Set.of();
    }
    try {
      var names = new HashSet<String>();
      for (JsonNode column : new ObjectMapper().readTree(text).path("index_columns")) {
        // An index that counts is described by an object and has no column.
        if (column.isTextual()) {
          names.add(column.textValue());
        }
      }
      return names;
    } catch (JsonProcessingException e) {
      // Metadata are a courtesy: the columns are read without them.
      return Set.of();
    }
  }
}
