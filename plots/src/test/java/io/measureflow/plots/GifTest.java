package io.measureflow.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;

class GifTest {

  private static BufferedImage filled(int rgb) {
    var image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 10; y++) {
      for (int x = 0; x < 20; x++) {
        image.setRGB(x, y, x < 5 ? 0x336699 : rgb);
      }
    }
    return image;
  }

  private static IIOMetadataNode find(IIOMetadataNode root, String name) {
    return (IIOMetadataNode) root.getElementsByTagName(name).item(0);
  }

  @Test
  void framesDelaysAndTheLoopAreReadBack() throws IOException {
    byte[] gif =
        Gif.bytes(
            List.of(filled(0xFF0000), filled(0x00FF00), filled(0x0000FF)),
            new int[] {100, 200, 3000});
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(gif))) {
      reader.setInput(in);
      assertEquals(3, reader.getNumImages(true));
      int[] colors = {0xFF0000, 0x00FF00, 0x0000FF};
      String[] delays = {"10", "20", "300"};
      for (int i = 0; i < 3; i++) {
        BufferedImage frame = reader.read(i);
        assertEquals(colors[i], frame.getRGB(12, 5) & 0xFFFFFF);
        assertEquals(0x336699, frame.getRGB(2, 5) & 0xFFFFFF);
        var metadata = reader.getImageMetadata(i);
        var root = (IIOMetadataNode) metadata.getAsTree(metadata.getNativeMetadataFormatName());
        assertEquals(delays[i], find(root, "GraphicControlExtension").getAttribute("delayTime"));
        if (i == 0) {
          var loop = find(root, "ApplicationExtension");
          assertEquals("NETSCAPE", loop.getAttribute("applicationID"));
          assertEquals(0, ((byte[]) loop.getUserObject())[1]);
        }
      }
    } finally {
      reader.dispose();
    }
  }

  @Test
  void aPictureOfFewColorsKeepsThem() throws IOException {
    var image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, (i % 16 * 16) << 16 | (i / 16 * 16));
    }
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(Figure.png(image)));
    for (int i = 0; i < 256; i++) {
      assertEquals(image.getRGB(i % 16, i / 16), read.getRGB(i % 16, i / 16));
    }
  }

  @Test
  void aPictureOfManyColorsStaysNear() throws IOException {
    var image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        image.setRGB(x, y, (4 * x) << 16 | (4 * y) << 8 | 128);
      }
    }
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(Figure.png(image)));
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        int red = Math.abs((read.getRGB(x, y) >> 16 & 0xFF) - 4 * x);
        int green = Math.abs((read.getRGB(x, y) >> 8 & 0xFF) - 4 * y);
        assertTrue(red <= 16 && green <= 16, () -> red + ", " + green);
      }
    }
  }
}
