package io.measureflow.tornado;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The device of an open backend.
 *
 * @param device TornadoVM's handle
 * @param geometry how to distribute work on it
 * @param building held while task graphs are built, which TornadoVM cannot do concurrently
 */
record OpenDevice(TornadoDevice device, Geometry geometry, ReentrantLock building) {

  /** TornadoVM's default limit of device memory (tornado.device.memory). */
  private static final long DEFAULT_LIMIT = 4L << 30;

  /**
   * Returns whether resident tables of this many bytes leave room for programs. Each program has
   * its own copy, and a table has two programs, for full batches and for the last one.
   */
  boolean hasRoom(long bytes) {
    var physical = device.getPhysicalDevice();
    long memory = Math.min(DEFAULT_LIMIT, physical.getDeviceGlobalMemorySize());
    return bytes <= Math.min(memory / 4, physical.getDeviceMaxAllocationSize());
  }

  /** Creates the task graphs of a program on this device. */
  DevicePlan plan(String program, FloatArray memory, Launch load, List<Launch> run, Launch store) {
    building.lock();
    try {
      return new DevicePlan(program, device, memory, load, run, store);
    } finally {
      building.unlock();
    }
  }
}
