package io.measureflow.datasets.image;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.cache.ArrowCache;
import io.measureflow.datasets.io.Requests;
import io.measureflow.datasets.io.SourceFiles;
import io.measureflow.datasets.store.ArrowDataset;
import io.measureflow.datasets.store.ArrowMemory;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ByteTable;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Loads CIFAR-10 and CIFAR-100 [krizhevsky2009] in their binary version: records of one label byte,
 * or of two (coarse, then fine), and 3,072 pixels, 32x32 red, then green, then blue. Images are
 * scaled to [0, 1] unless the request says otherwise. All batches in the folder are read, so a part
 * of the dataset is enough.
 */
public final class CifarProvider implements DatasetProvider {

  private static final System.Logger LOG = System.getLogger(CifarProvider.class.getName());
  private static final int SIDE = 32;
  private static final int CHANNELS = 3;
  private static final int PIXELS = CHANNELS * SIDE * SIDE;
  private static final String COARSE = "coarse";
  private static final String FINE = "fine";

  private static final List<String> TEN =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final List<String> HUNDRED =
      words(
          """
          apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge
          bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud
          cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox
          girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man
          maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree
          pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
          road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel
          streetcar sunflower sweet_pepper table tank telephone television tiger tractor train
          trout tulip turtle wardrobe whale willow_tree wolf woman worm
          """);

  private static final List<String> TWENTY =
      words(
          """
          aquatic_mammals fish flowers food_containers fruit_and_vegetables
          household_electrical_devices household_furniture insects large_carnivores
          large_man-made_outdoor_things large_natural_outdoor_scenes
          large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people
          reptiles small_mammals trees vehicles_1 vehicles_2
          """);

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }

  private enum Variant {
    CIFAR10("cifar10", "data_batch_", "test_batch", 5, 1),
    CIFAR100("cifar100", "train", "test", 1, 2);

    private final String key;
    private final String train;
    private final String test;
    private final int trainFiles;
    private final int labels;

    Variant(String key, String train, String test, int trainFiles, int labels) {
      this.key = key;
      this.train = train;
      this.test = test;
      this.trainFiles = trainFiles;
      this.labels = labels;
    }

    String howToGet() {
      return "--data names a folder with the binary version ("
          + (this == CIFAR10
              ? "data_batch_1.bin to data_batch_5.bin, test_batch.bin"
              : "train.bin, test.bin")
          + "), plain or with .gz, from https://www.cs.toronto.edu/~kriz/cifar.html";
    }

    int recordBytes() {
      return labels + PIXELS;
    }
  }

  /** The position of the label among the bytes before the pixels, and the class names. */
  private record Labels(int offset, List<String> names) {}

  @Override
  public List<Description> descriptions() {
    return List.of(
        new Description(
            Variant.CIFAR10.key,
            "CIFAR-10: 50,000 + 10,000 photographs, 32x32 RGB, ten classes",
            Variant.CIFAR10.howToGet()),
        new Description(
            Variant.CIFAR100.key,
            "CIFAR-100: 50,000 + 10,000 photographs, 32x32 RGB, 100 classes (--label fine) or 20"
                + " (--label coarse)",
            Variant.CIFAR100.howToGet()));
  }

  @Override
  public Scaling defaultScaling(String name) {
    return Scaling.UNIT;
  }

  @Override
  public Dataset load(DatasetRequest request) {
    Variant variant =
        Stream.of(Variant.values())
            .filter(candidate -> candidate.key.equals(request.name()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("No such dataset here: " + request.name()));
    Requests.refuseTestFile(request);
    Requests.refuseStream(request);
    Labels labels = labels(variant, request.columns().labels());
    List<Path> train = find(variant, request, variant.train);
    List<Path> test = find(variant, request, variant.test);
    if (train.size() < variant.trainFiles || test.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0}: only a part of the dataset is there: {1} of {2} files of training rows, {3} of test"
              + " rows",
          request.data().orElseThrow(),
          train.size(),
          variant.trainFiles,
          test.size());
    }
    List<Path> all = Stream.concat(train.stream(), test.stream()).toList();
    return request.storage().kind() == Storage.Kind.CACHE
        ? ArrowCache.open(request, all, () -> inMemory(variant, labels, request, train, test))
        : inMemory(variant, labels, request, train, test);
  }

  private static Labels labels(Variant variant, List<String> asked) {
    if (variant == Variant.CIFAR10) {
      return new Labels(0, TEN);
    }
    String label = asked.getFirst().equals("label") ? FINE : asked.getFirst();
    return switch (label) {
      case FINE -> new Labels(1, HUNDRED);
      case COARSE -> new Labels(0, TWENTY);
      default ->
          throw InvalidRequestException.of(
              "Dataset " + variant.key,
              "label fine or coarse",
              label,
              "Choose one of them with --label.");
    };
  }

  /** Finds the files of a part, in order of their names. */
  private static List<Path> find(Variant variant, DatasetRequest request, String prefix) {
    String where = "Dataset " + variant.key;
    Path folder =
        request
            .data()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        where, "a folder with its files", "none", variant.howToGet() + "."));
    if (!Files.isDirectory(folder)) {
      throw InvalidRequestException.of(
          where + ", " + folder.toAbsolutePath(),
          "a folder",
          Files.exists(folder) ? "a file" : "nothing",
          variant.howToGet() + ".");
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files
              .filter(
                  file ->
                      String.valueOf(file.getFileName()).matches(prefix + ".*\\.bin(\\.gz)?")
                          && Files.isRegularFile(file))
              .sorted()
              .toList();
      if (found.isEmpty() && prefix.equals(variant.train)) {
        throw InvalidRequestException.of(
            where + ", folder " + folder.toAbsolutePath(),
            "a file " + prefix + (variant == Variant.CIFAR10 ? "1" : "") + ".bin[.gz]",
            "none",
            variant.howToGet() + ".");
      }
      return found;
    } catch (IOException e) {
      throw SourceFiles.unreadable(folder, e);
    }
  }

  private static Dataset inMemory(
      Variant variant, Labels labels, DatasetRequest request, List<Path> train, List<Path> test) {
    boolean unit = request.scaling().orElse(Scaling.UNIT) == Scaling.UNIT;
    Precision precision = request.precision();
    String fingerprint =
        ArrowCache.fingerprint(request, Stream.concat(train.stream(), test.stream()).toList());
    var memory = new ArrowMemory();
    try {
      return new ArrowDataset(
          variant.key,
          new Schema(
              List.of(),
              PIXELS,
              new Schema.Target.Classes(labels.names),
              Optional.of(new Schema.ImageShape(CHANNELS, SIDE, SIDE))),
          unit ? Scaling.UNIT : Scaling.NONE,
          read(variant, labels, train, memory, precision, unit),
          test.isEmpty()
              ? Optional.empty()
              : Optional.of(read(variant, labels, test, memory, precision, unit)),
          () -> fingerprint,
          memory::close);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  private static ByteTable read(
      Variant variant,
      Labels labels,
      List<Path> files,
      ArrowMemory memory,
      Precision precision,
      boolean unit) {
    var counts = new ArrayList<Integer>();
    for (Path file : files) {
      counts.add(count(variant, file));
    }
    int rows = counts.stream().reduce(0, Math::addExact);
    Column classes = memory.column("labels of " + files.getFirst(), rows, 1, ElementType.INT32);
    String name = "images of " + files.getFirst();
    MemorySegment pixels = memory.bytes(name, rows, PIXELS);
    int row = 0;
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      byte[] record = new byte[variant.recordBytes()];
      try (InputStream in = content(file)) {
        for (int n = 0; n < counts.get(i); n++, row++) {
          if (in.readNBytes(record, 0, record.length) < record.length) {
            throw new EOFException("the file has become shorter while it was read");
          }
          int label = Byte.toUnsignedInt(record[labels.offset]);
          if (label >= labels.names.size()) {
            throw InvalidRequestException.of(
                file + ", record " + n + ", byte " + ((long) n * record.length + labels.offset),
                "a label from 0 to " + (labels.names.size() - 1),
                String.valueOf(label),
                "Get the file again from its source.");
          }
          classes.memory().setAtIndex(ValueLayout.JAVA_INT, row, label);
          MemorySegment.copy(
              record, variant.labels, pixels, ValueLayout.JAVA_BYTE, (long) row * PIXELS, PIXELS);
        }
      } catch (IOException e) {
        throw SourceFiles.unreadable(file, e);
      }
    }
    return ByteTable.ofImages(memory, name, pixels, classes, precision, unit);
  }

  /** Counts the records before memory is allocated. */
  private static int count(Variant variant, Path file) {
    long size = 0;
    try (InputStream in = content(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        size += n;
      }
    } catch (IOException e) {
      throw InvalidRequestException.of(
          file + ", byte " + size,
          "records of " + variant.recordBytes() + " bytes, plain or gzip",
          e instanceof EOFException ? "the end of the file" : AtomicFile.reason(e),
          "Get the file again from its source.");
    }
    if (size == 0 || size % variant.recordBytes() != 0) {
      throw InvalidRequestException.of(
          file.toString(),
          "a multiple of " + variant.recordBytes() + " bytes, the records of " + variant.key,
          size + " bytes",
          "Get the file again from its source.");
    }
    return Math.toIntExact(size / variant.recordBytes());
  }

  private static InputStream content(Path file) throws IOException {
    var in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      byte[] start = in.readNBytes(2);
      in.reset();
      // With this many classes a record may begin with the gzip magic.
      boolean compressed = SourceFiles.isGzip(start) && file.toString().endsWith(".gz");
      return compressed ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }
}
