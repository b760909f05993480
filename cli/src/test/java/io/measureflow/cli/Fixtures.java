package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Small data and checkpoints, created independently of the code under test. */
public final class Fixtures {

  private Fixtures() {}

  /** Three clouds of points in four dimensions, as a table. */
  public static Path clouds(Path file, int rows, long seed) throws IOException {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder("a,b,c,d,label\n");
    for (int i = 0; i < rows; i++) {
      int label = i % 3;
      for (int j = 0; j < 4; j++) {
        text.append((label == j ? 2 : 0) + random.nextGaussian()).append(',');
      }
      text.append(label).append('\n');
    }
    return Files.writeString(file, text);
  }

  /** Returns the bytes of the tensors in a checkpoint, by name. */
  public static Map<String, byte[]> tensors(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String json = new String(bytes, 8, header, StandardCharsets.UTF_8);
    var tensors = new LinkedHashMap<String, byte[]>();
    var entry =
        Pattern.compile(
            "\"((?:layers|flow|best)\\.[a-z0-9_.]+)\":\\{\"dtype\":\"F\\d+\",\"shape\":\\[[0-9,]*\\],"
                + "\"data_offsets\":\\[(\\d+),(\\d+)\\]\\}");
    var found = entry.matcher(json);
    while (found.find()) {
      tensors.put(
          found.group(1),
          Arrays.copyOfRange(
              bytes,
              8 + header + Integer.parseInt(found.group(2)),
              8 + header + Integer.parseInt(found.group(3))));
    }
    return tensors;
  }

  /** Returns the numbers of a float64 tensor. */
  public static double[] doubles(byte[] tensor) {
    double[] numbers = new double[tensor.length / 8];
    ByteBuffer.wrap(tensor).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(numbers);
    return numbers;
  }

  /** Checks that two files have the same tensors, byte for byte. */
  public static void assertSameTensors(Path expected, Path found) throws IOException {
    Map<String, byte[]> tensors = tensors(expected);
    assertFalse(tensors.isEmpty());
    Map<String, byte[]> others = tensors(found);
    assertEquals(tensors.keySet(), others.keySet());
    tensors.forEach((name, bytes) -> assertArrayEquals(bytes, others.get(name), name));
  }

  /** Returns the names of the files in a folder, sorted. */
  public static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  /** Writes a safetensors file in float64, otherwise as the longer form. */
  public static Path checkpoint(
      Path file, String model, Map<String, String> shapes, Map<String, double[]> values)
      throws IOException {
    return checkpoint(file, "F64", model, shapes, values);
  }

  /**
   * Writes a safetensors file.
   *
   * @param dtype F32 or F64
   * @param model the description of the model, JSON
   * @param shapes the shape of each tensor, JSON, by name
   * @param values the elements of each tensor
   */
  public static Path checkpoint(
      Path file,
      String dtype,
      String model,
      Map<String, String> shapes,
      Map<String, double[]> values)
      throws IOException {
    int width = dtype.equals("F32") ? 4 : 8;
    var header =
        new StringBuilder(
                "{\"__metadata__\":{\"measureflow.format\":\"1\",\"measureflow.model\":\"")
            .append(model.replace("\"", "\\\""))
            .append("\"}");
    int offset = 0;
    for (Map.Entry<String, double[]> tensor : values.entrySet()) {
      int end = offset + width * tensor.getValue().length;
      header
          .append(",\"")
          .append(tensor.getKey())
          .append("\":{\"dtype\":\"")
          .append(dtype)
          .append("\",\"shape\":")
          .append(shapes.get(tensor.getKey()))
          .append(",\"data_offsets\":[")
          .append(offset)
          .append(',')
          .append(end)
          .append("]}");
      offset = end;
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + offset).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (double[] tensor : values.values()) {
      for (double element : tensor) {
        if (width == 4) {
          bytes.putFloat((float) element);
        } else {
          bytes.putDouble(element);
        }
      }
    }
    return Files.write(file, bytes.array());
  }
}
