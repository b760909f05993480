package io.measureflow.cli.bench.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProductKindTest {

  private static final ProductKind.StepSizes SIZES = new ProductKind.StepSizes(128, 784, 10, 4);

  @Test
  void shapesAreThoseOfTheStep() {
    List<Product> products =
        ProductKind.products(Arrays.asList(ProductKind.values()), List.of(16), SIZES, List.of(512));
    assertEquals(
        List.of(
            "XMt 128x16x784",
            "GtX 16x784x128",
            "GA 128x10x16",
            "GtY 16x10x128",
            "YAt 128x16x10",
            "XU 128x64x784",
            "XtV 784x64x128",
            "NN 512x512x512",
            "NT 512x512x512",
            "TN 512x512x512",
            "TT 512x512x512"),
        products.stream().map(Product::label).toList());
  }

  @Test
  void eachSizeIsAProductAndProgramsHaveTheirShapes() {
    List<Product> products =
        ProductKind.products(
            List.of(ProductKind.GTX, ProductKind.TT), List.of(3, 5), SIZES, List.of(7, 8, 9));
    assertEquals(5, products.size());
    for (Product product : products) {
      Program program = product.program();
      assertEquals(
          List.of(Shape.of(product.m(), product.n())),
          program.outputs().values().stream().map(Value::shape).toList());
      assertEquals(2, program.inputs().size());
    }
    assertEquals(2.0 * 3 * 784 * 128, products.getFirst().operations());
  }

  @Test
  void namesAreFoundInAnyCase() {
    assertEquals(ProductKind.XMT, ProductKind.named("--products", "xmt"));
    String message =
        assertThrows(InvalidRequestException.class, () -> ProductKind.named("--products", "XX"))
            .getMessage();
    assertTrue(message.startsWith("--products: expected names of XMt, GtX, "), message);
    assertTrue(message.contains("'XX'"), message);
  }
}
