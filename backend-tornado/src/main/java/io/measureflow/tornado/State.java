package io.measureflow.tornado;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A state of a workspace: its copy on the host, and the program with a newer one on the device, if
 * any. Each program has its own memory. A state is copied between two programs, through the host,
 * only when a program runs whose copy is outdated; in a training loop that happens at the ends of
 * an epoch.
 */
final class State {

  private final float[] elements;
  private final Tensor tensor;
  private long version;
  private @Nullable TornadoExecutable holder;

  State(Shape shape) {
    elements = new float[shape.size()];
    tensor = Tensor.of(shape, elements);
  }

  Shape shape() {
    return tensor.shape();
  }

  /** Increases whenever the state changes. */
  long version() {
    return version;
  }

  /** The program that changed the state last; null if the copy on the host is current. */
  @Nullable TornadoExecutable holder() {
    return holder;
  }

  /** Returns the copy on the host. */
  float[] elements() {
    return elements;
  }

  /** Records that a run of this program has changed the state. */
  void changedBy(TornadoExecutable program) {
    version++;
    holder = program;
  }

  /** Updates the copy on the host. */
  void fetch() {
    TornadoExecutable newest = holder;
    if (newest != null) {
      newest.fetch();
    }
  }

  /** Records that the copy on the host is current. */
  void fetched() {
    holder = null;
  }

  /** Overwrites the copy on the host, which is then current. */
  void write(Tensor value) {
    tensor.copyFrom(value);
    version++;
    holder = null;
  }
}
