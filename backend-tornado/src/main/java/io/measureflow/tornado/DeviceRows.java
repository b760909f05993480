package io.measureflow.tornado;

import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A resident table, copied to the device once for each program that draws from it, at its first
 * run.
 *
 * @param values all rows, one after another
 */
record DeviceRows(TornadoWorkspace workspace, Shape shape, FloatArray values) implements HeldRows {

  /** Copies the rows to memory outside the heap. */
  static DeviceRows of(TornadoWorkspace workspace, Tensor rows) {
    var values = new FloatArray(rows.shape().size());
    MemorySegment.copy(rows.memory(), 0, values.getSegment(), 0, rows.memory().byteSize());
    return new DeviceRows(workspace, rows.shape(), values);
  }
}
