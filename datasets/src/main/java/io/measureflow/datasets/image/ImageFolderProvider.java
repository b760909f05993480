package io.measureflow.datasets.image;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.cache.ArrowCache;
import io.measureflow.datasets.io.Futures;
import io.measureflow.datasets.io.Notices;
import io.measureflow.datasets.io.Requests;
import io.measureflow.datasets.io.SourceFiles;
import io.measureflow.datasets.store.ArrowDataset;
import io.measureflow.datasets.store.ArrowMemory;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ByteTable;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/**
 * Images in folders: {@code --data} names a folder with one folder for each class, whose PNG and
 * JPEG files are its images; or a folder with two such folders, {@code train} and {@code test} (or,
 * where there is none, {@code val}). Classes are numbered in the order of their names, images in
 * the order of theirs. All have one size. They are grey where all files are, and RGB otherwise:
 * red, then green, then blue, row by row. Transparency is left out. Values are scaled to [0, 1]
 * unless the request asks for none.
 */
public final class ImageFolderProvider implements DatasetProvider {

  private static final String NAME = "images";
  private static final String HOW =
      "--data names a folder with one folder for each class, or with folders train and test of that"
          + " kind.";

  /** What holds the images to test on, by preference. */
  private static final List<String> HELD_OUT = List.of("test", "val", "valid", "validation");

  /** What archives of macOS hold beside their content. */
  private static final String MACOS = "__MACOSX";

  /** The header of a file says how large an image is; no more is believed. */
  private static final int MOST_PIXELS = 1 << 24;

  /**
   * The largest ratio of pixels to file size: deflate expands a byte to at most 1032, with room for
   * transparency that a reader adds; a block of 8 x 8 pixels of a JPEG takes at least one bit.
   */
  private static final int DEFLATED_BITS = 2 * 1032 * Byte.SIZE;

  private static final int JPEG_PIXELS = 64 * Byte.SIZE;

  private static final Pattern CUT_OFF =
      Pattern.compile("truncat|premature|corrupt|end of|reading PNG", Pattern.CASE_INSENSITIVE);

  @Override
  public List<Description> descriptions() {
    return List.of(
        new Description(NAME, "A folder of PNG or JPEG images for each class, of one size", HOW));
  }

  @Override
  public Scaling defaultScaling(String name) {
    return Scaling.UNIT;
  }

  @Override
  public Dataset load(DatasetRequest request) {
    if (!request.name().equals(NAME)) {
      throw new IllegalArgumentException("No such dataset here: " + request.name());
    }
    Requests.refuseStream(request);
    Path folder =
        request
            .data()
            .orElseThrow(
                () -> InvalidRequestException.of("Dataset " + NAME, "a folder", "none", HOW));
    requireFolder(folder);
    request.test().ifPresent(ImageFolderProvider::requireFolder);
    boolean parted = Files.isDirectory(folder.resolve("train"));
    Path train = parted ? folder.resolve("train") : folder;
    Optional<Path> test = request.test();
    if (parted && test.isEmpty()) {
      test = held(folder);
    }
    boolean predicts = request.use() == DatasetRequest.Use.PREDICT;
    List<String> classes = names(train);
    // Rows to predict for need no classes: the images may lie in the folder itself.
    boolean flat = predicts && !images(train).isEmpty();
    if (flat) {
      classes = List.of("");
    }
    if (classes.isEmpty()) {
      throw InvalidRequestException.of(
          train.toString(), "a folder for each class", "no folder", HOW);
    }
    List<Item> trainItems = flat ? images(train) : items(train, classes, predicts);
    List<String> known = classes;
    List<Item> testItems = test.map(path -> items(path, known, predicts)).orElse(List.of());
    List<Path> all =
        Stream.concat(trainItems.stream(), testItems.stream()).map(Item::file).toList();
    Dataset dataset =
        request.storage().kind() == Storage.Kind.CACHE
            ? ArrowCache.open(
                request, all, () -> inMemory(request, known, trainItems, testItems, all))
            : inMemory(request, known, trainItems, testItems, all);
    return new OfFiles(dataset, files(train, trainItems), files(test.orElse(train), testItems));
  }

  private static List<String> files(Path folder, List<Item> items) {
    return items.stream()
        .map(item -> folder.relativize(item.file).toString().replace('\\', '/'))
        .toList();
  }

  /** A dataset that knows the files of its rows. */
  private record OfFiles(Dataset dataset, List<String> trainFiles, List<String> testFiles)
      implements Dataset {

    @Override
    public String name() {
      return dataset.name();
    }

    @Override
    public Schema schema() {
      return dataset.schema();
    }

    @Override
    public Table train() {
      return dataset.train();
    }

    @Override
    public Optional<Table> test() {
      return dataset.test();
    }

    @Override
    public String fingerprint() {
      return dataset.fingerprint();
    }

    @Override
    public Preprocessing preprocessing() {
      return dataset.preprocessing();
    }

    @Override
    public void close() {
      dataset.close();
    }
  }

  /** The folder beside {@code train} whose images are the test rows; another one is named. */
  private static Optional<Path> held(Path folder) {
    List<Path> found = HELD_OUT.stream().map(folder::resolve).filter(Files::isDirectory).toList();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Path first = found.getFirst();
    if (!first.endsWith(HELD_OUT.getFirst())) {
      Notices.say(
          folder,
          "there is no folder test; the images of "
              + first.getFileName()
              + " are the test rows (--test names another folder)");
    }
    for (Path other : found.subList(1, found.size())) {
      Notices.say(
          folder,
          "folder "
              + other.getFileName()
              + " is not used (--test names it instead of "
              + first.getFileName()
              + ")");
    }
    return Optional.of(first);
  }

  private static void requireFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw InvalidRequestException.of(
          "Dataset " + NAME + ", " + folder.toAbsolutePath(),
          "a folder",
          Files.exists(folder) ? "a file" : "nothing",
          HOW);
    }
  }

  /** A file and its class. */
  private record Item(Path file, int label) {}

  private static List<String> names(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isDirectory)
          .map(path -> String.valueOf(path.getFileName()))
          .filter(name -> !name.startsWith(".") && !name.equals(MACOS))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw SourceFiles.unreadable(folder, e);
    }
  }

  /** Returns the images of a folder itself. */
  private static List<Item> images(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> isImage(file) && Files.isRegularFile(file))
          .sorted()
          .map(file -> new Item(file, 0))
          .toList();
    } catch (IOException e) {
      throw SourceFiles.unreadable(folder, e);
    }
  }

  /**
   * Returns the images of the folders of classes.
   *
   * @param anyClass whether other folders are taken too, their label being of no concern
   */
  private static List<Item> items(Path folder, List<String> classes, boolean anyClass) {
    var items = new ArrayList<Item>();
    for (String name : names(folder)) {
      int label = anyClass ? 0 : classes.indexOf(name);
      if (label < 0) {
        throw InvalidRequestException.of(
            folder.resolve(name).toString(),
            "a folder of one of the " + classes.size() + " classes of the training rows",
            name,
            "Rename the folder, or give the class training rows.");
      }
      images(folder.resolve(name)).forEach(item -> items.add(new Item(item.file, label)));
    }
    if (items.isEmpty()) {
      throw InvalidRequestException.of(
          folder.toString(), "PNG or JPEG files in the folders of the classes", "none", HOW);
    }
    return items;
  }

  private static boolean isImage(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return !name.startsWith(".")
        && (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"));
  }

  private static Dataset inMemory(
      DatasetRequest request,
      List<String> classes,
      List<Item> train,
      List<Item> test,
      List<Path> all) {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, task -> Thread.ofPlatform().daemon().name("dataset-load").unstarted(task));
    var memory = new ArrowMemory();
    try (pool) {
      Schema.ImageShape shape = shape(all);
      String fingerprint = ArrowCache.fingerprint(request, all);
      boolean unit = request.scaling().orElse(Scaling.UNIT) == Scaling.UNIT;
      Precision precision = request.precision();
      return new ArrowDataset(
          NAME,
          new Schema(
              List.of(),
              shape.channels() * shape.height() * shape.width(),
              new Schema.Target.Classes(classes),
              Optional.of(shape)),
          unit ? Scaling.UNIT : Scaling.NONE,
          read("train", train, shape, memory, precision, unit, pool),
          test.isEmpty()
              ? Optional.empty()
              : Optional.of(read("test", test, shape, memory, precision, unit, pool)),
          () -> fingerprint,
          memory::close);
    } catch (RuntimeException | Error e) {
      pool.close();
      memory.close();
      throw e;
    }
  }

  /**
   * Returns the shape in the headers of the files, which must be the same except for the colours.
   */
  private static Schema.ImageShape shape(List<Path> files) {
    Optional<Schema.ImageShape> first = Optional.empty();
    int channels = 1;
    for (Path file : files) {
      Schema.ImageShape found = read(file, ImageFolderProvider::shape);
      if (first.isEmpty()) {
        first = Optional.of(found);
      }
      Schema.ImageShape expected = first.get();
      if (found.width() != expected.width() || found.height() != expected.height()) {
        throw InvalidRequestException.of(
            file.toString(),
            "an image of "
                + expected.width()
                + " x "
                + expected.height()
                + " pixels, as "
                + files.getFirst(),
            found.width() + " x " + found.height(),
            "Bring all images to one size first.");
      }
      channels = Math.max(channels, found.channels());
    }
    Schema.ImageShape shape = first.orElseThrow();
    return new Schema.ImageShape(channels, shape.height(), shape.width());
  }

  private static Schema.ImageShape shape(ImageReader reader, Path file) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS) {
      throw InvalidRequestException.of(
          file.toString(),
          "an image of at most " + MOST_PIXELS + " pixels",
          width + " x " + height,
          "Bring all images to a smaller size first.");
    }
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    if (!types.hasNext()) {
      throw new IOException("colours of an unknown kind");
    }
    ImageTypeSpecifier first = types.next();
    long size = Files.size(file);
    long most =
        isJpeg(reader)
            ? size * JPEG_PIXELS
            : size * DEFLATED_BITS / Math.max(1, first.getColorModel().getPixelSize());
    if ((long) width * height > most) {
      throw new IOException(width + " x " + height + " pixels in " + size + " bytes");
    }
    boolean grey = first.getNumComponents() <= 2;
    return new Schema.ImageShape(grey ? 1 : 3, height, width);
  }

  /** Reads something from an image. */
  @FunctionalInterface
  private interface Reading<T> {
    T of(ImageReader reader, Path file) throws IOException;
  }

  private static <T> T read(Path file, Reading<T> reading) {
    try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
      // The JDK has readers of other formats, which must not be reachable through the file name.
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      ImageReader reader = null;
      while (reader == null && readers.hasNext()) {
        ImageReader candidate = readers.next();
        if (isJpeg(candidate) || candidate.getFormatName().equalsIgnoreCase("png")) {
          reader = candidate;
        } else {
          candidate.dispose();
        }
      }
      if (reader == null) {
        throw new IOException("neither PNG nor JPEG");
      }
      try {
        reader.setInput(in, true, true);
        return reading.of(reader, file);
      } finally {
        reader.dispose();
      }
    } catch (InvalidRequestException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new InvalidRequestException(
          file
              + ": expected a PNG or JPEG image, found something that cannot be read ("
              + AtomicFile.reason(e)
              + "). Write the file again, or take it away.",
          e);
    }
  }

  private static boolean isJpeg(ImageReader reader) throws IOException {
    return reader.getFormatName().equalsIgnoreCase("jpeg");
  }

  private static ByteTable read(
      String part,
      List<Item> items,
      Schema.ImageShape shape,
      ArrowMemory memory,
      Precision precision,
      boolean unit,
      ExecutorService pool) {
    int width = shape.channels() * shape.height() * shape.width();
    Column classes = memory.column(part + " labels", items.size(), 1, ElementType.INT32);
    String name = part + " images";
    MemorySegment pixels = memory.bytes(name, items.size(), width);
    var decoded = new ArrayList<Future<?>>();
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      classes.memory().setAtIndex(ValueLayout.JAVA_INT, i, item.label);
      long at = (long) i * width;
      decoded.add(
          pool.submit(
              () -> {
                byte[] image = read(item.file, (reader, file) -> bytes(reader, shape));
                MemorySegment.copy(image, 0, pixels, ValueLayout.JAVA_BYTE, at, width);
              }));
    }
    // Waits for all, so that no thread writes to memory that a failure frees.
    decoded.forEach(Futures::await);
    decoded.forEach(Futures::get);
    return ByteTable.ofImages(memory, name, pixels, classes, precision, unit);
  }

  /** Returns the pixels by channel, then row, then column. */
  private static byte[] bytes(ImageReader reader, Schema.ImageShape shape) throws IOException {
    var warnings = new ArrayList<String>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    BufferedImage image = reader.read(0);
    // The reader only warns of a file that ends too early.
    for (String warning : warnings) {
      if (CUT_OFF.matcher(warning).find()) {
        throw new IOException(warning);
      }
    }
    int height = shape.height();
    int width = shape.width();
    if (image.getWidth() != width || image.getHeight() != height) {
      throw new IOException("its header says another size than its pixels");
    }
    byte[] bytes = new byte[shape.channels() * height * width];
    int plane = height * width;
    // Raw grey samples: getRGB would convert them as linear light.
    boolean grey = image.getColorModel().getNumColorComponents() == 1;
    boolean inks = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK;
    Raster raster = image.getRaster();
    int bits = image.getColorModel().getComponentSize(0);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        if (grey) {
          int sample = raster.getSample(x, y, 0);
          int value = bits == 8 ? sample : (int) (sample * 255L / ((1L << bits) - 1));
          for (int channel = 0; channel < shape.channels(); channel++) {
            bytes[channel * plane + at] = (byte) value;
          }
        } else if (inks) {
          int black = raster.getSample(x, y, 3);
          for (int channel = 0; channel < 3; channel++) {
            bytes[channel * plane + at] = (byte) light(raster.getSample(x, y, channel), black);
          }
        } else {
          int rgb = image.getRGB(x, y);
          bytes[at] = (byte) (rgb >> 16);
          bytes[plane + at] = (byte) (rgb >> 8);
          bytes[2 * plane + at] = (byte) rgb;
        }
      }
    }
    return bytes;
  }

  /**
   * What is left of a colour under an ink and black, as printing and other software have it; Java's
   * own conversion takes inks for linear light.
   */
  private static int light(int ink, int black) {
    int paper = 255 - black;
    return paper - (ink * paper + 127) / 255;
  }
}
