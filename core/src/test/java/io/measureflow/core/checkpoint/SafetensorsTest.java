package io.measureflow.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {

  @TempDir Path folder;

  /** Builds a file from the format's specification, independently of the code under test. */
  static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.safetensors"), bytes);
  }

  @Test
  void readsBytesWrittenByHand() throws IOException {
    byte[] data =
        ByteBuffer.allocate(2 * 4 + 8 + 4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(1.5f)
            .putFloat(-2.25f)
            .putDouble(Math.PI)
            .putShort((short) 0x3C00)
            .putShort((short) 0xBFC0)
            .array();
    Path path =
        write(
            file(
                """
                {"__metadata__": {"a": "b"},
                 "row": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
                 "none": {"dtype": "F32", "shape": [0, 7], "data_offsets": [16, 16]},
                 "pi": {"dtype": "F64", "shape": [], "data_offsets": [8, 16]},
                 "half": {"dtype": "F16", "shape": [1], "data_offsets": [16, 18]},
                 "brain": {"dtype": "BF16", "shape": [1], "data_offsets": [18, 20]}}   \
                """,
                data));
    Safetensors.Content content = Safetensors.read(path);
    assertEquals("b", content.metadata().get("a"));
    assertEquals(Shape.of(1, 2), tensor(content, "row").shape());
    assertEquals(ElementType.FLOAT32, tensor(content, "row").type());
    assertArrayEquals(new float[] {1.5f, -2.25f}, tensor(content, "row").toFloats());
    assertEquals(ElementType.FLOAT64, tensor(content, "pi").type());
    assertEquals(Math.PI, tensor(content, "pi").get(0));
    assertEquals(0, tensor(content, "none").shape().size());
    assertEquals(1.0, tensor(content, "half").get(0));
    assertEquals(-1.5, tensor(content, "brain").get(0));
  }

  private static Tensor tensor(Safetensors.Content content, String name) {
    return Objects.requireNonNull(content.tensors().get(name), name);
  }

  @Test
  void writesWhatTheFormatSays() throws IOException {
    Path path = folder.resolve("y.safetensors");
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("z", Tensor.of(Shape.of(2), new float[] {1, 2}));
    tensors.put("a", Tensor.of(Shape.of(1, 1), new double[] {3}));
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("k", "v");
    Safetensors.write(path, tensors, metadata);
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) buffer.getLong();
    assertEquals(0, length % 8);
    assertEquals(
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"z\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[8,16]}}",
        new String(bytes, 8, length, StandardCharsets.UTF_8).stripTrailing());
    buffer.position(8 + length);
    assertEquals(1, buffer.getFloat());
    assertEquals(2, buffer.getFloat());
    assertEquals(3, buffer.getDouble());
    assertEquals(0, buffer.remaining());
    Safetensors.write(path, tensors, metadata);
    assertArrayEquals(bytes, Files.readAllBytes(path));
  }

  @Test
  void largeTensorsComeBackBitForBit() {
    var random = new SplittableRandom(7);
    float[] elements = new float[300_007];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = Float.intBitsToFloat(random.nextInt() & 0x7F7FFFFF);
    }
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("odd", Tensor.of(Shape.of(3), new float[] {1, 2, 3}));
    tensors.put("large", Tensor.of(Shape.of(elements.length), elements));
    Path path = folder.resolve("large.safetensors");
    Safetensors.write(path, tensors, new LinkedHashMap<>());
    assertArrayEquals(elements, tensor(Safetensors.read(path), "large").toFloats());
  }

  @Test
  void whatIsNotWantedMayHaveAnyType() throws IOException {
    Path path =
        write(
            file("{\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", new byte[8]));
    assertTrue(Safetensors.read(path, name -> false).tensors().isEmpty());
    assertMessage(path, "tensor i", "F32 or F64");
  }

  /** Each tensor once had a buffer of its own of 256 KiB: over 40 seconds here. */
  @Test
  void manyEmptyTensorsCostWhatTheirNamesDo() throws IOException {
    int tensors = 300_000;
    var header = new StringBuilder("{");
    for (int i = 0; i < tensors; i++) {
      header
          .append(i == 0 ? "" : ",")
          .append("\"t")
          .append(i)
          .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    Path path = write(file(header.append('}').toString(), new byte[0]));
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertEquals(tensors, Safetensors.read(path).tensors().size());
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / tensors;
    assertTrue(each < 10_000, () -> each + " bytes for each tensor");
  }

  private static String entry(String dtype, String shape, String offsets) {
    return "{\"t\":{\"dtype\":\""
        + dtype
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}}";
  }

  static Stream<Arguments> malformed() {
    byte[] eight = new byte[8];
    String two =
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"u\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":%s}}";
    byte[] huge = file("{}", eight);
    Arrays.fill(huge, 0, 7, (byte) 0xFF);
    huge[7] = 0x7F;
    byte[] negative = file("{}", eight);
    Arrays.fill(negative, 0, 8, (byte) 0xFF);
    byte[] notText = file("{\"??\":1}", new byte[0]);
    notText[10] = (byte) 0xC3;
    notText[11] = (byte) 0x28;
    return Stream.of(
        Arguments.of("empty", new byte[0], "at least 8 bytes"),
        Arguments.of("cut length", new byte[5], "5 bytes"),
        Arguments.of("length beyond the file", huge, "header length"),
        Arguments.of("negative length", negative, "header length"),
        Arguments.of("no JSON", file("hello", eight), "JSON object"),
        Arguments.of("no UTF-8", notText, "UTF-8"),
        Arguments.of("an array", file("[1,2]", eight), "JSON object"),
        Arguments.of("blank", file("    ", eight), "JSON object"),
        Arguments.of("cut JSON", file("{\"t\":{\"dtype\":", eight), "JSON object"),
        Arguments.of("two roots", file("{} {}", new byte[0]), "JSON object"),
        Arguments.of("duplicate", file("{\"t\":{},\"t\":{}}", eight), "no key twice"),
        Arguments.of(
            "deep", file("{\"t\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}", eight), "deep"),
        Arguments.of("metadata no object", file("{\"__metadata__\":[]}", new byte[0]), "strings"),
        Arguments.of(
            "metadata no string", file("{\"__metadata__\":{\"a\":1}}", new byte[0]), "a string"),
        Arguments.of("no entry", file("{\"t\":3}", eight), "tensor t"),
        Arguments.of("unknown type", file(entry("F31", "[2]", "[0,8]"), eight), "'F31'"),
        Arguments.of(
            "type no text",
            file("{\"t\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}}", eight),
            "dtype"),
        Arguments.of("negative size", file(entry("F32", "[-2]", "[0,8]"), eight), "whole numbers"),
        Arguments.of("fraction", file(entry("F32", "[2.5]", "[0,8]"), eight), "whole numbers"),
        Arguments.of(
            "huge number",
            file(entry("F32", "[2]", "[0,99999999999999999999]"), eight),
            "whole numbers"),
        Arguments.of(
            "wrong size", file(entry("F32", "[3]", "[0,8]"), eight), "12 bytes for shape [3]"),
        Arguments.of("end before begin", file(entry("F32", "[2]", "[8,0]"), eight), "[8, 0]"),
        Arguments.of(
            "overflow",
            file(entry("F32", "[4294967296,4294967296]", "[0,0]"), eight),
            "fewer than 2^63 bytes"),
        Arguments.of("one offset", file(entry("F32", "[2]", "[0]"), eight), "two data_offsets"),
        Arguments.of("truncated", file(entry("F32", "[3]", "[0,12]"), eight), "truncated"),
        Arguments.of("overlap", file(two.formatted("[2,6]"), eight), "a beginning at 4"),
        Arguments.of("gap", file(two.formatted("[8,12]"), new byte[12]), "a beginning at 4"),
        Arguments.of("rest", file(entry("F32", "[1]", "[0,4]"), eight), "no tensor"),
        Arguments.of(
            "five dimensions", file(entry("F32", "[1,1,1,1,2]", "[0,8]"), eight), "at most 4"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void saysWhatIsWrong(String name, byte[] bytes, String expected) throws IOException {
    assertMessage(write(bytes), expected);
  }

  private static void assertMessage(Path path, String... expected) {
    var error = assertThrows(InvalidRequestException.class, () -> Safetensors.read(path));
    for (String part : expected) {
      assertTrue(error.getMessage().contains(part), error.getMessage());
    }
    assertTrue(error.getMessage().contains(path.toString()), error.getMessage());
    assertTrue(error.getMessage().length() < 500, error.getMessage());
  }

  @Test
  void aMissingFileAndAFolder() {
    assertMessage(folder.resolve("none"), "nothing of that name");
    assertMessage(folder, "a folder");
  }

  @Test
  void noTruncatedFileIsRead() throws IOException {
    String header =
        "{\"__metadata__\":{\"m\":\"1\"},\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"u\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[4,12]}}";
    byte[] sound = file(header, new byte[12]);
    for (int length = 0; length < sound.length; length++) {
      Path path = write(Arrays.copyOf(sound, length));
      assertThrows(InvalidRequestException.class, () -> Safetensors.read(path));
    }
  }
}
