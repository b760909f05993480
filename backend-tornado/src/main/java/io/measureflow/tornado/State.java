package io.measureflow.tornado;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A state of a workspace: its copy on the host, and which program has a newer one on the device.
 * Each program has a memory of its own; a state moves between two of them, through the host, only
 * when a program runs whose copy another has outdated. In a training loop that is at the ends of an
 * epoch.
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

  /** Goes up by one whenever the state changes. */
  long version() {
    return version;
  }

  /** The program that has changed the state last; null if the copy on the host is the newest. */
  @Nullable TornadoExecutable holder() {
    return holder;
  }

  /** The copy on the host. */
  float[] elements() {
    return elements;
  }

  /** A run of this program has changed the state. */
  void changedBy(TornadoExecutable program) {
    version++;
    holder = program;
  }

  /** Brings the copy on the host up to date. */
  void fetch() {
    TornadoExecutable newest = holder;
    if (newest != null) {
      newest.fetch();
    }
  }

  /** The copy on the host has been brought up to date. */
  void fetched() {
    holder = null;
  }

  /** Overwrites the copy on the host, which is the newest from now on. */
  void write(Tensor value) {
    tensor.copyFrom(value);
    version++;
    holder = null;
  }
}
