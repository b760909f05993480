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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Loads the datasets stored in four IDX files, MNIST [lecun1998] and Fashion-MNIST [xiao2017], each
 * with 60,000 training and 10,000 test images of 28x28 grey bytes in ten classes. Images are scaled
 * to [0, 1] unless the request says otherwise.
 */
public final class IdxProvider implements DatasetProvider {

  private static final int SIDE = 28;
  private static final int CLASSES = 10;

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
          + String.join(", ", Split.TRAIN.images, Split.TRAIN.labels)
          + ", "
          + String.join(", ", Split.TEST.images, Split.TEST.labels)
          + ", plain or with .gz, from "
          + address;
    }
  }

  private enum Split {
    TRAIN("train"),
    TEST("t10k");

    private final String images;
    private final String labels;

    Split(String prefix) {
      images = prefix + "-images-idx3-ubyte";
      labels = prefix + "-labels-idx1-ubyte";
    }

    static Stream<String> fileNames() {
      return Stream.of(values()).flatMap(split -> Stream.of(split.images, split.labels));
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
    List<Path> paths = find(source, request);
    Requests.refuseStream(request);
    return request.storage().kind() == Storage.Kind.CACHE
        ? ArrowCache.open(request, paths, () -> inMemory(source, request, paths))
        : inMemory(source, request, paths);
  }

  private static Dataset inMemory(Source source, DatasetRequest request, List<Path> paths) {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            4, task -> Thread.ofPlatform().daemon().name("dataset-load").unstarted(task));
    try {
      return load(source, request, paths, threads);
    } finally {
      threads.shutdown();
    }
  }

  private static List<Path> find(Source source, DatasetRequest request) {
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
    var found = new ArrayList<Path>();
    var missing = new ArrayList<String>();
    Split.fileNames()
        .forEach(
            name ->
                Stream.of(name, name + ".gz")
                    .map(folder::resolve)
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .ifPresentOrElse(found::add, () -> missing.add(name + "[.gz]")));
    if (!missing.isEmpty()) {
      throw InvalidRequestException.of(
          "Dataset " + source.name + ", folder " + folder.toAbsolutePath(),
          "its four files",
          "no " + String.join(", no ", missing),
          source.howToGet() + ".");
    }
    return found;
  }

  private static Dataset load(
      Source source, DatasetRequest request, List<Path> paths, ExecutorService threads) {
    List<Future<IdxFile>> opened =
        paths.stream().map(path -> threads.submit(() -> IdxFile.open(path))).toList();
    var memory = new ArrowMemory(); // Loads Arrow's classes while the files are read.
    try {
      List<IdxFile> files = opened.stream().map(Futures::get).toList();
      boolean unit = request.scaling().orElse(Scaling.UNIT) == Scaling.UNIT;
      Precision precision = request.precision();
      var train = new Part(files.get(0), files.get(1));
      var test = new Part(files.get(2), files.get(3));
      List<Future<ByteTable>> tables =
          Stream.of(train, test)
              .map(part -> threads.submit(() -> part.read(memory, precision, unit)))
              .toList();
      // Waits for both, so that no thread writes to memory that a failure frees.
      tables.forEach(Futures::await);
      List<ByteTable> read = tables.stream().map(Futures::get).toList();
      return new ArrowDataset(
          source.name,
          new Schema(
              List.of(),
              SIDE * SIDE,
              new Schema.Target.Classes(source.classes),
              Optional.of(new Schema.ImageShape(1, SIDE, SIDE))),
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

  private record Part(IdxFile images, IdxFile labels) {

    ByteTable read(ArrowMemory memory, Precision precision, boolean unit) {
      int[] sizes = images.header(3);
      for (int axis = 1; axis <= 2; axis++) {
        if (sizes[axis] != SIDE) {
          throw images.malformed(
              4L * (axis + 1),
              (axis == 1 ? "a height" : "a width") + " of " + SIDE + " pixels",
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
      labels.readLabels(classes, CLASSES);
      String name = "images of " + images.path();
      MemorySegment pixels = memory.bytes(name, rows, SIDE * SIDE);
      images.readPixels(pixels);
      return ByteTable.ofImages(memory, name, pixels, classes, precision, unit);
    }
  }
}
