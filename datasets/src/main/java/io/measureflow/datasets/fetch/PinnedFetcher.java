package io.measureflow.datasets.fetch;

import io.measureflow.api.data.DatasetFetcher;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Downloads MNIST [lecun1998], Fashion-MNIST [xiao2017] and CIFAR-10 [krizhevsky2009] (binary
 * version) from any address, and accepts only files with the digests listed here.
 *
 * <p>The digests of MNIST and Fashion-MNIST are those of files with the published MD5 sums. Those
 * of CIFAR-10's archive (MD5 c32a1d4ab5d03f1284b67883e8d87530, as published) and batches are pinned
 * by several public programs; the first batch was also compared with images from another source.
 */
public final class PinnedFetcher implements DatasetFetcher {

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final List<Pinned> PINNED =
      List.of(
          new Pinned(
              "mnist",
              List.of(
                  new PinnedFile(
                      "train-images-idx3-ubyte.gz",
                      9_912_422,
                      "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                  new PinnedFile(
                      "train-labels-idx1-ubyte.gz",
                      28_881,
                      "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                  new PinnedFile(
                      "t10k-images-idx3-ubyte.gz",
                      1_648_877,
                      "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                  new PinnedFile(
                      "t10k-labels-idx1-ubyte.gz",
                      4_542,
                      "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
              Optional.empty()),
          new Pinned(
              "fashion-mnist",
              List.of(
                  new PinnedFile(
                      "train-images-idx3-ubyte.gz",
                      26_421_880,
                      "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                  new PinnedFile(
                      "train-labels-idx1-ubyte.gz",
                      29_515,
                      "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                  new PinnedFile(
                      "t10k-images-idx3-ubyte.gz",
                      4_422_102,
                      "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                  new PinnedFile(
                      "t10k-labels-idx1-ubyte.gz",
                      5_148,
                      "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")),
              Optional.empty()),
          new Pinned(
              "cifar10",
              List.of(
                  batch(
                      "data_batch_1.bin",
                      "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
                  batch(
                      "data_batch_2.bin",
                      "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
                  batch(
                      "data_batch_3.bin",
                      "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
                  batch(
                      "data_batch_4.bin",
                      "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
                  batch(
                      "data_batch_5.bin",
                      "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
                  batch(
                      "test_batch.bin",
                      "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")),
              Optional.of(
                  new PinnedFile(
                      "cifar-10-binary.tar.gz",
                      170_052_171,
                      "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"))));

  private static PinnedFile batch(String name, String sha256) {
    return new PinnedFile(name, 10_000 * 3_073, sha256);
  }

  /**
   * A dataset.
   *
   * @param files the files that a loader reads
   * @param archive the archive that contains them, if any
   */
  record Pinned(String name, List<PinnedFile> files, Optional<PinnedFile> archive) {

    long bytes() {
      return archive
          .map(PinnedFile::bytes)
          .orElseGet(() -> files.stream().mapToLong(PinnedFile::bytes).sum());
    }
  }

  private final List<Pinned> pinned;
  private final Duration pause;
  private final LeastRate rate;
  private final ToLongFunction<Path> room;

  /** Creates a fetcher for the known datasets. */
  public PinnedFetcher() {
    this(PINNED, PAUSE, LeastRate.DEFAULT, PinnedFetcher::usableSpace);
  }

  /** Creates a fetcher with the parameters of {@link Download#Download}. */
  PinnedFetcher(List<Pinned> pinned, Duration pause, LeastRate rate, ToLongFunction<Path> room) {
    this.pinned = pinned;
    this.pause = pause;
    this.rate = rate;
    this.room = room;
  }

  private static long usableSpace(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw Download.unwritable(folder, e);
    }
  }

  @Override
  public List<Source> sources() {
    return pinned.stream().map(source -> new Source(source.name, source.bytes())).toList();
  }

  @Override
  public Path fetch(Request request, Progress progress) {
    Pinned source =
        pinned.stream()
            .filter(candidate -> candidate.name.equals(request.name()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("No such source here: " + request.name()));
    makeFolder(request.folder());
    if (source.archive.isPresent()) {
      if (!allThere(source, request.folder(), progress)) {
        unpacked(source, source.archive.get(), request, progress);
      }
    } else {
      try (var download = new Download(request, progress, pause, rate, room)) {
        source.files.forEach(download::file);
      }
    }
    return request.folder();
  }

  private static void makeFolder(Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw InvalidRequestException.of(
          folder.toString(), "a folder, or nothing", "a file", "Choose another with --to.");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw Download.unwritable(folder, e);
    }
  }

  private static boolean allThere(Pinned source, Path folder, Progress progress) {
    boolean all = true;
    for (PinnedFile file : source.files) {
      if (Download.isThere(file, folder.resolve(file.name()))) {
        progress.note(file.name(), "was already there, with the right SHA-256");
      } else {
        all = false;
      }
    }
    return all;
  }

  private void unpacked(Pinned source, PinnedFile archive, Request request, Progress progress) {
    Path folder = request.folder();
    try (var download = new Download(request, progress, pause, rate, room)) {
      download.file(archive);
    }
    long needed = source.files.stream().mapToLong(PinnedFile::bytes).sum();
    long free = room.applyAsLong(folder);
    if (free < needed) {
      throw new RunFailedException(
          folder
              + ": expected room for the "
              + needed
              + " bytes in "
              + archive.name()
              + ", found "
              + free
              + ". Make room, and run the command again.");
    }
    TarArchive.unpack(folder.resolve(archive.name()), source.files, folder);
    for (PinnedFile file : source.files) {
      progress.note(file.name(), "unpacked, with the right SHA-256");
    }
    try {
      Files.deleteIfExists(folder.resolve(archive.name()));
    } catch (IOException e) {
      throw Download.unwritable(folder.resolve(archive.name()), e);
    }
  }
}
