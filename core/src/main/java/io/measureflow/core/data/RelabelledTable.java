package io.measureflow.core.data;

import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;
import java.util.Optional;

/** A table whose classes have the indices that a model knows them by. */
final class RelabelledTable implements Table {

  private final Table table;
  private final int[] indices;

  /**
   * @param indices as {@link #indices(String, List, Target.Classes)} gives them
   */
  RelabelledTable(Table table, int[] indices) {
    this.table = table;
    this.indices = indices.clone();
  }

  /**
   * Returns the index among the classes of a model for each class of some data.
   *
   * @param where the data, for messages
   * @throws InvalidRequestException if the model lacks one
   */
  static int[] indices(String where, List<String> found, Target.Classes known) {
    int[] indices = new int[found.size()];
    for (int k = 0; k < indices.length; k++) {
      indices[k] = known.names().indexOf(found.get(k));
      if (indices[k] < 0) {
        throw InvalidRequestException.of(
            where,
            "the classes of the model: "
                + String.join(", ", known.names().subList(0, Math.min(20, known.names().size())))
                + (known.names().size() > 20 ? ", ..." : ""),
            "'" + found.get(k) + "'",
            "Leave its rows out, or choose the data that the model was made for.");
      }
    }
    return indices;
  }

  @Override
  public int rows() {
    return table.rows();
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    table.features(order, from, batch);
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    table.targets(order, from, batch);
    long rows = batch.shape().size();
    for (long i = 0; i < rows; i++) {
      batch.set(i, indices[(int) batch.get(i)]);
    }
  }

  @Override
  public Optional<ByteRows> bytes() {
    return table.bytes();
  }

  @Override
  public Optional<Tensor> whole() {
    return table.whole();
  }

  @Override
  public int blocks() {
    return table.blocks();
  }

  @Override
  public int blockStart(int block) {
    return table.blockStart(block);
  }

  @Override
  public int window() {
    return table.window();
  }

  @Override
  public boolean inMemory() {
    return table.inMemory();
  }
}
