package io.measureflow.tornado;

import io.measureflow.api.backend.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * The devices that TornadoVM finds. Loading this class needs TornadoVM's API on the class or module
 * path, using it needs its runtime: without them the JVM throws a {@link LinkageError}.
 */
final class Devices {

  private Devices() {}

  /** A device with its properties and TornadoVM's handle. */
  record Found(Device device, boolean doublePrecision, long largestGroup, TornadoDevice handle) {}

  /**
   * Returns all devices, backend by backend, in TornadoVM's order.
   *
   * @param bitstream of {@link Settings#bitstream()}
   */
  static List<Found> find(String bitstream) {
    configure(bitstream);
    TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
    var found = new ArrayList<Found>();
    for (int backend = 0; backend < runtime.getNumBackends(); backend++) {
      TornadoBackend driver = runtime.getBackend(backend);
      for (int index = 0; index < driver.getNumDevices(); index++) {
        found.add(describe(backend + ":" + index, driver, driver.getDevice(index)));
      }
    }
    return found;
  }

  private static Found describe(String id, TornadoBackend driver, TornadoDevice device) {
    Device.Kind kind =
        switch (device.getDeviceType()) {
          case CPU -> Device.Kind.CPU;
          case GPU -> Device.Kind.GPU;
          case FPGA, ACCELERATOR -> Device.Kind.FPGA;
          default -> Device.Kind.OTHER;
        };
    var physical = device.getPhysicalDevice();
    long[] groups = physical.getDeviceMaxWorkGroupSize();
    return new Found(
        new Device(
            id,
            kind,
            physical.getDeviceName().strip()
                + ", "
                + driver.getBackendType().name().toLowerCase(Locale.ROOT),
            physical.getDeviceGlobalMemorySize(),
            Math.max(1, physical.getDeviceMaxComputeUnits())),
        device.getDeviceContext().isFP64Supported(),
        groups.length == 0 ? 1 : groups[0],
        device);
  }

  /** TornadoVM's version. */
  static String version() {
    var descriptor = KernelContext.class.getModule().getDescriptor();
    return "TornadoVM"
        + (descriptor == null ? "" : descriptor.rawVersion().map(v -> " " + v).orElse(""));
  }

  /**
   * Sets properties that TornadoVM reads once, when its runtime starts. Properties set by the user
   * are kept, except that a kernel that does not compile for the device is never replaced by one on
   * the processor.
   */
  private static void configure(String bitstream) {
    System.setProperty("tornado.recover.bailout", "False");
    // Without it programs of more than about forty tasks are refused; in bytes.
    setIfAbsent("tornado.tvm.maxbytecodesize", "1048576");
    // TornadoVM reserves this many events per task and program; the default is 32768.
    setIfAbsent("tornado.max.events", "64");
    // Its rewriting of reductions gives wrong sums at some sizes; these kernels do not need it.
    setIfAbsent("tornado.experimental.reduce", "False");
    // The default relaxes arithmetic: infinities, NaN and the tails of the moments would be lost.
    setIfAbsent("tornado.opencl.compiler.flags", "-w");
    if (!bitstream.isEmpty()) {
      System.setProperty("tornado.precompiled.binary", bitstream);
    }
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
