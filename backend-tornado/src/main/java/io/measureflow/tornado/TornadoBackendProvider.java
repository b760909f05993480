package io.measureflow.tornado;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The backend {@code tornado}: programs as TornadoVM task graphs in float32, on a GPU, an FPGA or
 * an OpenCL processor. It needs TornadoVM's runtime in the JVM, which the SDK's argfile adds.
 */
public final class TornadoBackendProvider implements BackendProvider {

  private static final String NAME = "tornado";
  private static final Logger LOG = System.getLogger(TornadoBackendProvider.class.getName());

  /** The work items per group on an accelerator, if the device allows as many. */
  private static final int WORK_GROUP = 256;

  /** Called by {@link java.util.ServiceLoader}. */
  public TornadoBackendProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    try {
      List<Device> devices = Devices.find("").stream().map(Devices.Found::device).toList();
      return devices.isEmpty()
          ? new Availability.Unavailable(
              "TornadoVM runs but finds no device. Install an OpenCL driver (a GPU's, or PoCL for"
                  + " the processor: Debian package pocl-opencl-icd), or an SDK with the backend of"
                  + " the device; \"clinfo -l\" lists what OpenCL sees.")
          : new Availability.Available(Devices.version(), devices);
    } catch (LinkageError | RuntimeException e) {
      LOG.log(Level.DEBUG, "TornadoVM cannot be used", e);
      return new Availability.Unavailable(missing(e));
    }
  }

  private static String missing(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "this JVM has no TornadoVM runtime ("
        + root.getClass().getSimpleName()
        + (root.getMessage() == null ? "" : ": " + root.getMessage().lines().findFirst().orElse(""))
        + "). Install the TornadoVM SDK (https://www.tornadovm.org) and a device driver, set"
        + " TORNADOVM_HOME to the SDK, and start Java with @$TORNADOVM_HOME/tornado-argfile.";
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FLOAT32);
  }

  /** False: the device, or its driver, shares out the work. */
  @Override
  public boolean heedsThreads() {
    return false;
  }

  @Override
  public Backend open(BackendSettings settings) {
    if (settings.precision() != Precision.FLOAT32) {
      throw InvalidRequestException.of(
          "Backend tornado, precision",
          Precision.FLOAT32.key(),
          settings.precision().key(),
          "Choose float32, or the backend reference for " + settings.precision().key() + ".");
    }
    Settings own = Settings.of(settings.section());
    List<Devices.Found> found;
    try {
      found = Devices.find(own.bitstream());
    } catch (LinkageError | RuntimeException e) {
      throw new InvalidRequestException("Backend tornado: " + missing(e), e);
    }
    Devices.Found chosen =
        found.get(own.choose(found.stream().map(Devices.Found::device).toList()));
    Device device = chosen.device();
    boolean processor = device.kind() == Device.Kind.CPU;
    if (!chosen.doublePrecision()) {
      LOG.log(
          Level.WARNING,
          "Device {0} ({1}) has no double precision: moments in the far tails have a relative"
              + " error of up to 1e-5",
          device.id(),
          device.description());
    }
    int group = own.workGroup() > 0 ? own.workGroup() : WORK_GROUP;
    if (group > chosen.largestGroup() && own.workGroup() > 0) {
      throw InvalidRequestException.of(
          "measureflow.tornado.work-group",
          "at most " + chosen.largestGroup() + ", which device " + device.id() + " allows",
          String.valueOf(group),
          "Choose a smaller one, or auto.");
    }
    var geometry =
        new Geometry(
            processor,
            device.parallelism(),
            (int) Math.min(group, chosen.largestGroup()),
            chosen.doublePrecision());
    return new TornadoBackend(
        new Backend.Description(
            NAME,
            Devices.version() + ", device " + device.id() + " " + device.description(),
            device,
            processor ? device.parallelism() : 1,
            Precision.FLOAT32),
        new OpenDevice(chosen.handle(), geometry, new ReentrantLock()));
  }
}
