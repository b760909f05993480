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
import io.measureflow.datasets.cache.ArrowCache;
import io.measureflow.datasets.io.Futures;
import io.measureflow.datasets.io.Hashes;
import io.measureflow.datasets.io.Requests;
import io.measureflow.datasets.store.ArrowDataset;
import io.measureflow.datasets.store.ArrowMemory;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ByteTable;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The datasets that come as four IDX files: MNIST [lecun1998] and Fashion-MNIST [xiao2017], each
 * 60,000 training and 10,000 test images of 28x28 grey bytes in ten classes. Images are scaled to
 * [0, 1] unless the request asks for none. Files of other datasets in the same format, such as
 * EMNIST, or images of another size, are read as well; their classes are numbers.
 */
public final class IdxProvider implements DatasetProvider {

  private static final int SIDE = 28;

  private static final List<Source> SOURCES =
      List.of(
          new Source(
              "mnist",
              "MNIST: 60,000 + 10,000 handwritten digits, 28x28 grey",
              "https://yann.lecun.com/exdb/mnist, or https://ossci-datasets.s3.amazonaws.com/mnist",
              List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")),
          new Source(
              "fashion-mnist",
              "Fashion-MNIST: 60,000 + 10,000 pictures of clothes, 28x28 grey",
              "https://github.com/zalandoresearch/fashion-mnist (folder data/fashion)",
              List.of(
                  "T-shirt/top",
                  "Trouser",
                  "Pullover",
                  "Dress",
                  "Coat",
                  "Sandal",
                  "Shirt",
                  "Sneaker",
                  "Bag",
                  "Ankle boot")));

  private record Source(String name, String summary, String address, List<String> classes) {

    String howToGet() {
      return "--data names a folder with the four files "
          + String.join(", ", IdxFiles.DEFAULT)
          + ", plain or with .gz, from "
          + address;
    }
  }

  @Override
  public List<Description> descriptions() {
    return SOURCES.stream()
        .map(source -> new Description(source.name, source.summary, source.howToGet()))
        .toList();
  }

  @Override
  public Scaling defaultScaling(String name) {
    return Scaling.UNIT;
  }

  @Override
  public Dataset load(DatasetRequest request) {
    Source source =
        SOURCES.stream()
            .filter(candidate -> candidate.name.equals(request.name()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("No such dataset here: " + request.name()));
    Requests.refuseTestFile(request);
    IdxFiles found = find(source, request);
    Requests.refuseStream(request);
    return request.storage().kind() == Storage.Kind.CACHE
        ? ArrowCache.open(request, found.paths(), () -> inMemory(source, request, found))
        : inMemory(source, request, found);
  }

  private static Dataset inMemory(Source source, DatasetRequest request, IdxFiles paths) {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            4, task -> Thread.ofPlatform().daemon().name("dataset-load").unstarted(task));
    try {
      return load(source, request, paths, threads);
    } finally {
      threads.shutdown();
    }
  }

  private static IdxFiles find(Source source, DatasetRequest request) {
    Path folder =
        request
            .data()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        "Dataset " + source.name,
                        "a folder with its files",
                        "none",
                        source.howToGet() + "."));
    if (!Files.isDirectory(folder)) {
      throw InvalidRequestException.of(
          "Dataset " + source.name + ", " + folder.toAbsolutePath(),
          "a folder",
          Files.exists(folder) ? "a file" : "nothing",
          source.howToGet() + ".");
    }
    return IdxFiles.find(
        folder,
        "Dataset " + source.name + ", folder " + folder.toAbsolutePath(),
        source.howToGet() + ".");
  }

  private static Dataset load(
      Source source, DatasetRequest request, IdxFiles paths, ExecutorService threads) {
    List<Future<IdxFile>> opened =
        paths.paths().stream().map(path -> threads.submit(() -> IdxFile.open(path))).toList();
    var memory = new ArrowMemory(); // The classes of Arrow load while the files are read.
    try {
      List<IdxFile> files = opened.stream().map(Futures::get).toList();
      boolean unit = request.scaling().orElse(Scaling.UNIT) == Scaling.UNIT;
      Precision precision = request.precision();
      var train = new Part(files.get(0), files.get(1));
      var test = new Part(files.get(2), files.get(3));
      Sides sides = Sides.of(files.getFirst());
      // Other datasets come in the same format, and under the same names.
      boolean usual = paths.prefix().isEmpty() && sides.height == SIDE && sides.width == SIDE;
      List<String> classes = usual ? source.classes : numbered(files.get(1));
      List<Future<ByteTable>> tables =
          Stream.of(train, test)
              .map(
                  part ->
                      threads.submit(
                          () -> part.read(memory, precision, unit, sides, classes.size())))
              .toList();
      // Waits for both, so that no thread writes to memory that a failure frees.
      tables.forEach(Futures::await);
      List<ByteTable> read = tables.stream().map(Futures::get).toList();
      return new ArrowDataset(
          source.name,
          new Schema(
              List.of(),
              sides.pixels(),
              new Schema.Target.Classes(classes),
              Optional.of(new Schema.ImageShape(1, sides.height, sides.width))),
          unit ? Scaling.UNIT : Scaling.NONE,
          read.getFirst(),
          Optional.of(read.getLast()),
          hash(files),
          memory::close);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** Computes the hash lazily: a run has other things to do before its first step. */
  private static Supplier<String> hash(List<IdxFile> files) {
    var hash =
        new FutureTask<>(
            () -> {
              MessageDigest digest = Hashes.sha256();
              files.forEach(file -> digest.update(file.stored()));
              return Hashes.hex(digest);
            });
    return () -> {
      hash.run();
      return Futures.get(hash);
    };
  }

  /** Classes without names, as many as the labels of the training images need. */
  private static List<String> numbered(IdxFile labels) {
    return IntStream.rangeClosed(0, Math.max(1, labels.largestLabel()))
        .mapToObj(String::valueOf)
        .toList();
  }

  /** The size of all images. */
  private record Sides(int height, int width) {

    private static final int MOST_PIXELS = 1 << 24;

    static Sides of(IdxFile images) {
      int[] sizes = images.header(3);
      if ((long) sizes[1] * sizes[2] > MOST_PIXELS) {
        throw images.malformed(
            8, "images of at most " + MOST_PIXELS + " pixels", sizes[1] + " x " + sizes[2]);
      }
      return new Sides(sizes[1], sizes[2]);
    }

    int pixels() {
      return height * width;
    }
  }

  private record Part(IdxFile images, IdxFile labels) {

    ByteTable read(
        ArrowMemory memory, Precision precision, boolean unit, Sides sides, int classCount) {
      int[] sizes = images.header(3);
      for (int axis = 1; axis <= 2; axis++) {
        int expected = axis == 1 ? sides.height : sides.width;
        if (sizes[axis] != expected) {
          throw images.malformed(
              4L * (axis + 1),
              (axis == 1 ? "a height" : "a width")
                  + " of "
                  + expected
                  + " pixels, as that of the training images",
              String.valueOf(sizes[axis]));
        }
      }
      int rows = sizes[0];
      int labelRows = labels.header(1)[0];
      if (labelRows != rows) {
        throw labels.malformed(
            4, rows + " labels, one for each image of " + images.path(), labelRows + " labels");
      }
      Column classes = memory.column("labels of " + labels.path(), rows, 1, ElementType.INT32);
      labels.readLabels(classes, classCount);
      String name = "images of " + images.path();
      MemorySegment pixels = memory.bytes(name, rows, sides.pixels());
      images.readPixels(pixels);
      return ByteTable.ofImages(memory, name, pixels, classes, precision, unit);
    }
  }
}
