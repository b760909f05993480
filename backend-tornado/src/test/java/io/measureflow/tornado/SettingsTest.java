package io.measureflow.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Device;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The device that a configuration selects. */
final class SettingsTest {

  private static final List<Device> DEVICES =
      List.of(
          new Device("0:0", Device.Kind.CPU, "Some Processor, opencl", 1, 2),
          new Device("0:1", Device.Kind.GPU, "Accelerator 3000, opencl", 1, 40),
          new Device("1:0", Device.Kind.GPU, "Accelerator 3000, ptx", 1, 40),
          new Device("1:1", Device.Kind.FPGA, "Gates, opencl", 1, 1));

  private static int choose(String device) {
    return Settings.of(Map.of("device", device)).choose(DEVICES);
  }

  @Test
  void devicesAreChosenByIdentifierKindAndName() {
    assertEquals(0, choose("0:0"));
    assertEquals(2, choose("1:0"));
    assertEquals(1, choose("gpu"));
    assertEquals(3, choose("FPGA"));
    assertEquals(0, choose("cpu"));
    assertEquals(2, choose("ptx"));
    assertEquals(1, choose("accelerator"));
  }

  @Test
  void theFirstGpuIsTheDefaultElseTheFirstDevice() {
    assertEquals(1, Settings.of(Map.of()).choose(DEVICES));
    assertEquals(0, Settings.of(Map.of()).choose(DEVICES.subList(0, 1)));
  }

  @Test
  void anUnknownDeviceIsRefusedWithTheList() {
    var error = assertThrows(InvalidRequestException.class, () -> choose("2:7"));
    assertTrue(error.getMessage().contains("measureflow.tornado.device"), error.getMessage());
    assertTrue(error.getMessage().contains("2:7"), error.getMessage());
    for (Device device : DEVICES) {
      assertTrue(error.getMessage().contains(device.id()), error.getMessage());
    }
    assertThrows(InvalidRequestException.class, () -> Settings.of(Map.of()).choose(List.of()));
  }

  @Test
  void settingsAreChecked() {
    assertEquals(128, Settings.of(Map.of("work-group", "128")).workGroup());
    assertEquals(0, Settings.of(Map.of("work-group", "auto")).workGroup());
    for (String wrong : List.of("0", "many", "5000")) {
      var error =
          assertThrows(
              InvalidRequestException.class, () -> Settings.of(Map.of("work-group", wrong)));
      assertTrue(error.getMessage().contains(wrong), error.getMessage());
    }
    var error =
        assertThrows(InvalidRequestException.class, () -> Settings.of(Map.of("devise", "0:0")));
    assertTrue(error.getMessage().contains("devise"), error.getMessage());
  }
}
