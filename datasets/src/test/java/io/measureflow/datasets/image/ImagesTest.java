package io.measureflow.datasets.image;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.gzip;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.testing.Fixtures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of images, CIFAR in binary, and arrays. */
class ImagesTest {

  /** What {@code src/test/python/make_images.py} prints. */
  private static final int[] INKS = {42, 126, 172};

  @TempDir Path folder;

  private void image(String name, int width, int height, int type, int... samples)
      throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    var image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) {
      if (type == BufferedImage.TYPE_BYTE_GRAY) {
        image.getRaster().setSample(i % width, i / width, 0, samples[i]);
      } else {
        image.setRGB(i % width, i / width, 0xff000000 | samples[i]);
      }
    }
    assertTrue(ImageIO.write(image, name.endsWith("png") ? "png" : "jpg", file.toFile()));
  }

  private InvalidRequestException refused() {
    return assertThrows(
        InvalidRequestException.class,
        () -> new ImageFolderProvider().load(request("images", folder)).close());
  }

  @Test
  void greyImagesKeepTheirBytes() throws IOException {
    image("cat/b.png", 3, 2, BufferedImage.TYPE_BYTE_GRAY, 0, 1, 127, 128, 254, 255);
    image("cat/a.png", 3, 2, BufferedImage.TYPE_BYTE_GRAY, 9, 8, 7, 6, 5, 4);
    image("ape/z.png", 3, 2, BufferedImage.TYPE_BYTE_GRAY, 10, 20, 30, 40, 50, 60);
    Files.writeString(folder.resolve("ape/notes.txt"), "no image");
    try (Dataset data =
        new ImageFolderProvider().load(Fixtures.scaled(request("images", folder), Scaling.NONE))) {
      assertEquals(Optional.of(new Schema.ImageShape(1, 2, 3)), data.schema().image());
      assertEquals(new Target.Classes(List.of("ape", "cat")), data.schema().target());
      assertArrayEquals(new int[] {0, 1, 1}, Fixtures.classes(data.train()));
      assertArrayEquals(
          new double[] {10, 20, 30, 40, 50, 60, 9, 8, 7, 6, 5, 4, 0, 1, 127, 128, 254, 255},
          Fixtures.features(data.train(), 6),
          0.0);
    }
    try (Dataset data = new ImageFolderProvider().load(request("images", folder))) {
      assertEquals(255 / 255.0, Fixtures.features(data.train(), 6)[17], 0.0);
      assertEquals(10 / 255f, Fixtures.features(data.train(), 6)[0], 0.0);
    }
  }

  @Test
  void colourImagesArePlanesAndGreyOnesAmongThemAreRepeated() throws IOException {
    image("train/a/1.png", 2, 1, BufferedImage.TYPE_INT_RGB, 0x102030, 0xfffefd);
    image("train/b/2.png", 2, 1, BufferedImage.TYPE_BYTE_GRAY, 7, 200);
    image("train/b/3.png", 2, 1, BufferedImage.TYPE_INT_ARGB, 0x010203, 0x040506);
    image("test/b/4.png", 2, 1, BufferedImage.TYPE_INT_RGB, 0, 0xff);
    try (Dataset data =
        new ImageFolderProvider().load(Fixtures.scaled(request("images", folder), Scaling.NONE))) {
      assertEquals(Optional.of(new Schema.ImageShape(3, 1, 2)), data.schema().image());
      assertArrayEquals(
          new double[] {16, 255, 32, 254, 48, 253, 7, 200, 7, 200, 7, 200, 1, 4, 2, 5, 3, 6},
          Fixtures.features(data.train(), 6),
          0.0);
      assertArrayEquals(new int[] {1}, Fixtures.classes(data.test().orElseThrow()));
      assertArrayEquals(
          new double[] {0, 0, 0, 0, 0, 255}, Fixtures.features(data.test().get(), 6), 0.0);
    }
  }

  @Test
  void jpegIsReadToAFewShades() throws IOException {
    int[] even = new int[64];
    Arrays.fill(even, 0x6090c0);
    image("a/1.jpg", 8, 8, BufferedImage.TYPE_INT_RGB, even);
    try (Dataset data =
        new ImageFolderProvider().load(Fixtures.scaled(request("images", folder), Scaling.NONE))) {
      double[] found = Fixtures.features(data.train(), 192);
      for (int i = 0; i < 192; i++) {
        double difference = Math.abs(found[i] - List.of(0x60, 0x90, 0xc0).get(i / 64));
        assertTrue(difference <= 4, i + ": " + found[i]);
      }
    }
  }

  @Test
  void aFolderValHoldsTheTestRowsWhereThereIsNoOther() throws IOException {
    image("train/a/1.png", 1, 1, BufferedImage.TYPE_BYTE_GRAY, 1);
    image("train/b/2.png", 1, 1, BufferedImage.TYPE_BYTE_GRAY, 2);
    image("val/b/3.png", 1, 1, BufferedImage.TYPE_BYTE_GRAY, 3);
    // What archives of macOS bring along.
    image("train/__MACOSX/._1.png", 1, 1, BufferedImage.TYPE_BYTE_GRAY, 9);
    image("train/.cache/1.png", 2, 2, BufferedImage.TYPE_BYTE_GRAY, 9, 9, 9, 9);
    try (Dataset data =
        new ImageFolderProvider().load(Fixtures.scaled(request("images", folder), Scaling.NONE))) {
      assertEquals(new Target.Classes(List.of("a", "b")), data.schema().target());
      assertArrayEquals(new double[] {3}, Fixtures.features(data.test().orElseThrow(), 1), 0.0);
    }
    image("test/a/4.png", 1, 1, BufferedImage.TYPE_BYTE_GRAY, 4);
    try (Dataset data =
        new ImageFolderProvider().load(Fixtures.scaled(request("images", folder), Scaling.NONE))) {
      assertArrayEquals(new double[] {4}, Fixtures.features(data.test().orElseThrow(), 1), 0.0);
    }
  }

  /** Files written by Pillow from even inks; what it makes of them is the oracle. */
  @Test
  void inksBecomeTheColoursThatOtherSoftwareSees() throws IOException {
    Path file = Path.of("src", "test", "resources", "images", "cmyk.jpg");
    Files.createDirectories(folder.resolve("a"));
    Files.copy(file, folder.resolve("a/1.jpg"));
    try (Dataset data =
        new ImageFolderProvider().load(Fixtures.scaled(request("images", folder), Scaling.NONE))) {
      assertEquals(Optional.of(new Schema.ImageShape(3, 8, 8)), data.schema().image());
      double[] found = Fixtures.features(data.train(), 192);
      for (int i = 0; i < 192; i++) {
        double difference = Math.abs(found[i] - INKS[i / 64]);
        assertTrue(difference <= 2, i + ": " + found[i]);
      }
    }
  }

  @Test
  void imagesThatDoNotFitAreNamed() throws IOException {
    assertMentions(refused(), folder.toString(), "a folder for each class");
    Files.createDirectories(folder.resolve("a"));
    assertMentions(refused(), "PNG or JPEG");
    image("a/1.png", 2, 2, BufferedImage.TYPE_BYTE_GRAY, 1, 2, 3, 4);
    image("a/2.png", 2, 3, BufferedImage.TYPE_BYTE_GRAY, 1, 2, 3, 4, 5, 6);
    assertMentions(refused(), "a/2.png", "2 x 2", "a/1.png", "2 x 3", "one size");
    // The last 21 bytes are checksums and the end of the chunks; without them no pixel is lost.
    byte[] whole = Files.readAllBytes(folder.resolve("a/1.png"));
    for (int length = 0; length < whole.length - 21; length++) {
      Files.write(folder.resolve("a/2.png"), Arrays.copyOf(whole, length));
      assertMentions(refused(), "a/2.png");
    }
    Files.writeString(folder.resolve("a/2.png"), "no image");
    assertMentions(refused(), "a/2.png", "neither PNG nor JPEG");
  }

  @Test
  void anImageThatClaimsToBeHugeIsNotBelieved() throws IOException {
    image("a/1.png", 2, 2, BufferedImage.TYPE_BYTE_GRAY, 1, 2, 3, 4);
    byte[] bytes = Files.readAllBytes(folder.resolve("a/1.png"));
    // The width in the header of a PNG.
    bytes[16] = 0x40;
    var crc = new java.util.zip.CRC32();
    crc.update(bytes, 12, 17);
    for (int i = 0; i < 4; i++) {
      bytes[29 + i] = (byte) (crc.getValue() >> (24 - 8 * i));
    }
    Files.write(folder.resolve("a/1.png"), bytes);
    assertMentions(refused(), "a/1.png");
  }

  private static byte[] cifar(int records, int labels, long seed) {
    byte[] bytes = new byte[records * (labels + 3072)];
    var random = new SplittableRandom(seed);
    random.nextBytes(bytes);
    for (int i = 0; i < records; i++) {
      bytes[i * (labels + 3072)] = (byte) (i % 10);
      bytes[i * (labels + 3072) + labels - 1] = (byte) (labels == 1 ? i % 10 : 99 - i);
    }
    return bytes;
  }

  @Test
  void cifarRecordsAreLabelsAndPlanes() throws IOException {
    byte[] first = cifar(3, 1, 1);
    byte[] second = cifar(2, 1, 2);
    Files.write(folder.resolve("data_batch_2.bin.gz"), gzip(second));
    Files.write(folder.resolve("data_batch_1.bin"), first);
    Files.write(folder.resolve("test_batch.bin"), cifar(4, 1, 3));
    try (Dataset data =
        new CifarProvider().load(Fixtures.scaled(request("cifar10", folder), Scaling.NONE))) {
      assertEquals(Optional.of(new Schema.ImageShape(3, 32, 32)), data.schema().image());
      assertArrayEquals(new int[] {0, 1, 2, 0, 1}, Fixtures.classes(data.train()));
      double[] found = Fixtures.features(data.train(), 3072);
      for (int i = 0; i < 3 * 3072; i++) {
        assertEquals(first[i / 3072 * 3073 + 1 + i % 3072] & 0xff, found[i], 0.0);
      }
      assertEquals(second[1] & 0xff, found[3 * 3072], 0.0);
      assertEquals(4, data.test().orElseThrow().rows());
    }
    Files.write(folder.resolve("test_batch.bin"), Arrays.copyOf(first, 3072));
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> new CifarProvider().load(request("cifar10", folder))),
        "test_batch.bin",
        "3073",
        "3072 bytes");
    first[3073] = 10;
    Files.write(folder.resolve("test_batch.bin"), first);
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> new CifarProvider().load(request("cifar10", folder))),
        "test_batch.bin",
        "record 1, byte 3073",
        "from 0 to 9",
        "found 10");
  }

  @Test
  void cifar100HasCoarseAndFineLabels() throws IOException {
    Files.write(folder.resolve("train.bin"), cifar(3, 2, 1));
    for (String label : List.of("label", "fine", "coarse")) {
      try (Dataset data = new CifarProvider().load(request("cifar100", folder).withLabels(label))) {
        boolean coarse = label.equals("coarse");
        assertArrayEquals(
            coarse ? new int[] {0, 1, 2} : new int[] {99, 98, 97}, Fixtures.classes(data.train()));
        assertTrue(
            data.schema().target() instanceof Target.Classes classes
                && classes.names().size() == (coarse ? 20 : 100)
                && classes.names().getFirst().equals(coarse ? "aquatic_mammals" : "apple"));
        assertTrue(data.test().isEmpty());
      }
    }
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> new CifarProvider().load(request("cifar100", folder).withLabels("both"))),
        "fine or coarse");
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> new CifarProvider().load(request("cifar10", folder))),
        "data_batch_1.bin");
  }
}
