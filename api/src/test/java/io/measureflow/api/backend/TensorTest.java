package io.measureflow.api.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

  @Test
  void aTensorOfAnArrayIsAViewOfIt() {
    float[] array = {1, 2, 3, 4, 5, 6};
    Tensor tensor = Tensor.of(Shape.of(2, 3), array);
    array[4] = 50;
    assertEquals(50, tensor.get(4));
    tensor.set(0, -1);
    assertEquals(-1f, array[0]);
  }

  @Test
  void elementsAreRoundedToTheirType() {
    Tensor floats = Tensor.zeros(Shape.of(2), ElementType.FLOAT32);
    floats.set(0, 0.1);
    assertEquals((double) 0.1f, floats.get(0));
    floats.set(1, 1e300);
    assertEquals(Double.POSITIVE_INFINITY, floats.get(1));
    Tensor doubles = Tensor.zeros(Shape.of(1), ElementType.FLOAT64);
    doubles.set(0, 0.1);
    assertEquals(0.1, doubles.get(0));
    Tensor integers = Tensor.zeros(Shape.of(1), ElementType.INT32);
    integers.set(0, 7);
    assertEquals(7, integers.get(0));
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void zerosAreZeroAndOfTheRightSize(ElementType type) {
    for (Shape shape : List.of(Shape.SCALAR, Shape.of(0, 3), Shape.of(2, 3, 4))) {
      Tensor zeros = Tensor.zeros(shape, type);
      assertEquals((long) shape.size() * type.layout().byteSize(), zeros.memory().byteSize());
      assertEquals(type.bytes(), type.layout().byteSize());
      assertArrayEquals(new double[shape.size()], zeros.toDoubles());
    }
  }

  @Test
  void copiesConvertBetweenTypes() {
    Tensor floats = Tensor.of(Shape.of(3), new float[] {0.1f, -2, 3e38f});
    Tensor doubles = floats.to(ElementType.FLOAT64);
    assertArrayEquals(new double[] {0.1f, -2, 3e38f}, doubles.toDoubles());
    doubles.set(1, 1 / 3.0);
    assertEquals(-2, floats.get(1), "a copy has memory of its own");
    assertArrayEquals(new float[] {0.1f, (float) (1 / 3.0), 3e38f}, doubles.toFloats());
    floats.copyFrom(doubles);
    assertEquals((double) (float) (1 / 3.0), floats.get(1));
    Tensor integers = Tensor.of(Shape.of(3), new int[] {1, 2, 1 << 30});
    assertArrayEquals(new double[] {1, 2, 1 << 30}, integers.toDoubles());
    assertArrayEquals(new double[] {1, 2, 1 << 30}, integers.to(ElementType.INT32).toDoubles());
  }

  @Test
  void everyBitSurvivesACopyOfTheSameType() {
    float[] odd = {Float.intBitsToFloat(0x7fc12345), -0f, Float.MIN_VALUE};
    Tensor copy = Tensor.of(Shape.of(3), odd).to(ElementType.FLOAT32);
    for (int i = 0; i < odd.length; i++) {
      assertEquals(
          Float.floatToRawIntBits(odd[i]), copy.memory().getAtIndex(ValueLayout.JAVA_INT, i));
    }
  }

  @Test
  void memoryMayLieOutsideOfTheHeap() {
    try (Arena arena = Arena.ofConfined()) {
      var tensor =
          new Tensor(Shape.of(2), ElementType.FLOAT64, arena.allocate(ValueLayout.JAVA_DOUBLE, 2));
      tensor.copyFrom(Tensor.of(Shape.of(2), new float[] {1.5f, -4}));
      assertArrayEquals(new double[] {1.5, -4}, tensor.toDoubles());
    }
  }

  @Test
  void memoryOfAnotherSizeIsRefused() {
    for (long bytes : new long[] {0, 23, 25, 48}) {
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  new Tensor(
                      Shape.of(2, 3),
                      ElementType.FLOAT32,
                      MemorySegment.ofArray(new byte[(int) bytes])));
      assertTrue(
          String.valueOf(error.getMessage()).contains("expected 24 bytes"), error::getMessage);
      assertTrue(String.valueOf(error.getMessage()).contains("found " + bytes), error::getMessage);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.of(Shape.of(2), new double[] {1, 2, 3}));
  }

  @Test
  void copiesBetweenShapesAreRefused() {
    Tensor two = Tensor.zeros(Shape.of(2), ElementType.FLOAT32);
    Tensor row = Tensor.zeros(Shape.of(1, 2), ElementType.FLOAT32);
    var error = assertThrows(IllegalArgumentException.class, () -> two.copyFrom(row));
    assertTrue(String.valueOf(error.getMessage()).contains("[2]"), error::getMessage);
    assertTrue(String.valueOf(error.getMessage()).contains("[1, 2]"), error::getMessage);
  }

  @Test
  void positionsOutsideAreRefused() {
    Tensor two = Tensor.zeros(Shape.of(2), ElementType.FLOAT32);
    assertThrows(IndexOutOfBoundsException.class, () -> two.get(2));
    assertThrows(IndexOutOfBoundsException.class, () -> two.set(-1, 0));
  }
}
