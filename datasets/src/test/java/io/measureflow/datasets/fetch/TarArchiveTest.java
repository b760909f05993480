package io.measureflow.datasets.fetch;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.error.RunFailedException;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile archives, unpacked as if their digest had been right. */
class TarArchiveTest {

  private static final byte[] MEMBER = {1, 2, 3};
  private static final PinnedFile FILE =
      new PinnedFile("m.bin", MEMBER.length, PinnedFetcherTest.sha256(MEMBER));

  @TempDir Path temporary;

  private void unpack(byte[] archive) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("inner").resolve("folder"));
    Path file = Files.write(temporary.resolve("a.tar.gz"), archive);
    TarArchive.unpack(file, List.of(FILE), folder);
  }

  /** Checks that the archive is refused with a message, and that nothing was written. */
  private void assertRefused(byte[] archive, String... mentions) throws IOException {
    assertMentions(
        assertThrows(RunFailedException.class, () -> unpack(archive)),
        Stream.concat(Stream.of("a.tar.gz"), Arrays.stream(mentions)).toArray(String[]::new));
    try (Stream<Path> files = Files.walk(temporary)) {
      assertEquals(
          List.of(temporary.resolve("a.tar.gz")), files.filter(Files::isRegularFile).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../m.bin", "a/../../m.bin", "/m.bin", "..", "C:\\m.bin", "a\\m.bin", "C:m.bin"})
  void aNameThatLeadsOutIsRefused(String name) throws IOException {
    assertRefused(
        Fixtures.gzip(new Tar().add(name, '0', MEMBER).bytes()), "names inside", "\"" + name);
  }

  @ParameterizedTest
  @ValueSource(chars = {'1', '2'})
  void aLinkIsRefused(char type) throws IOException {
    assertRefused(Fixtures.gzip(new Tar().add("m.bin", type, MEMBER).bytes()), "the link \"m.bin");
  }

  @Test
  void otherSizesAndContentsAreRefused() throws IOException {
    assertRefused(
        Fixtures.gzip(new Tar().add("m.bin", '0', new byte[4]).bytes()), "of 3 bytes", "found 4");
    assertRefused(Fixtures.gzip(new Tar().add("m.bin", '0', new byte[3]).bytes()), FILE.sha256());
    assertRefused(
        Fixtures.gzip(new Tar().add("big", '0', MEMBER, 1L << 32).bytes()), "4294967296 bytes");
    assertRefused(Fixtures.gzip(new Tar().add("x.bin", '0', MEMBER).bytes()), "m.bin", "no such");
  }

  @Test
  void whatIsDamagedIsRefused() throws IOException {
    byte[] tar = new Tar().add("m.bin", '0', MEMBER).bytes();
    for (int length : new int[] {1, 100, 511, 512, 514}) {
      assertRefused(Fixtures.gzip(Arrays.copyOf(tar, length)), "the end of the archive");
    }
    for (int at : new int[] {0, 99, 124, 130, 148, 156, 300, 511}) {
      byte[] damaged = tar.clone();
      damaged[at] ^= 0x41;
      assertRefused(Fixtures.gzip(damaged));
    }
    byte[] gzip = Fixtures.gzip(tar);
    assertRefused(Arrays.copyOf(gzip, gzip.length / 2));
    assertRefused(new byte[] {'P', 'K'});
  }

  @Test
  void anArchiveThatUnpacksWithoutEndIsRefused() throws IOException {
    var tar = new Tar();
    for (int i = 0; i < 40; i++) {
      tar.add("filler" + i, '0', new byte[1 << 15]);
    }
    assertRefused(Fixtures.gzip(tar.add("m.bin", '0', MEMBER).bytes()), "at most");
  }
}
