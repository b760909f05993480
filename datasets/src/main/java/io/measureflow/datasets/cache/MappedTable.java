package io.measureflow.datasets.cache;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Table;
import io.measureflow.datasets.store.ArrowTable;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of a mapped file. The mapped memory is not exposed, since reading it may fail. */
final class MappedTable implements Table {

  private final ArrowTable rows;
  private final MappedFile file;
  private @Nullable Tensor whole;

  MappedTable(ArrowTable rows, MappedFile file) {
    this.rows = rows;
    this.file = file;
  }

  @Override
  public int rows() {
    return rows.rows();
  }

  @Override
  public int blocks() {
    return rows.blocks();
  }

  @Override
  public int blockStart(int block) {
    return rows.blockStart(block);
  }

  @Override
  public int window() {
    return rows.window();
  }

  /** Returns a copy of the rows, if they fit into one record batch. */
  @Override
  public synchronized Optional<Tensor> whole() {
    if (whole == null) {
      rows.whole().ifPresent(mapped -> whole = copy(mapped));
    }
    return Optional.ofNullable(whole);
  }

  private Tensor copy(Tensor mapped) {
    MemorySegment memory = file.allocate(mapped.memory().byteSize());
    file.read(() -> memory.copyFrom(mapped.memory()));
    return new Tensor(mapped.shape(), mapped.type(), memory);
  }

  @Override
  public void features(int[] order, int from, Tensor batch) {
    file.read(() -> rows.features(order, from, batch));
  }

  @Override
  public void targets(int[] order, int from, Tensor batch) {
    file.read(() -> rows.targets(order, from, batch));
  }
}
