package io.measureflow.tornado;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The device that a backend has chosen.
 *
 * @param device TornadoVM's handle
 * @param geometry how work is shared out on it
 * @param building held while task graphs are built, which TornadoVM does not do concurrently
 */
record OpenDevice(TornadoDevice device, Geometry geometry, ReentrantLock building) {

  /** What TornadoVM takes of a device at most, unless tornado.device.memory says otherwise. */
  private static final long USUAL_LIMIT = 4L << 30;

  /**
   * Whether rows of so many bytes together leave room for programs. Each program has them for
   * itself, and a table has two, for its batches and for the last one.
   */
  boolean hasRoom(long bytes) {
    var physical = device.getPhysicalDevice();
    long memory = Math.min(USUAL_LIMIT, physical.getDeviceGlobalMemorySize());
    return bytes <= Math.min(memory / 4, physical.getDeviceMaxAllocationSize());
  }

  /** A program's task graphs on this device. */
  DevicePlan plan(String program, FloatArray memory, Launch load, List<Launch> run, Launch store) {
    building.lock();
    try {
      return new DevicePlan(program, device, memory, load, run, store);
    } finally {
      building.unlock();
    }
  }
}
