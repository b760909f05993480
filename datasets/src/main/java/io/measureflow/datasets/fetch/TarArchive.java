package io.measureflow.datasets.fetch;

import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Extracts known files from a gzipped tar archive (POSIX.1-2001, ustar). The archive has no
 * influence on where files are written: names that lead out of it, links, and known files of
 * another size are refused; other members are skipped.
 */
final class TarArchive {

  private static final int BLOCK = 512;

  /** Room for skipped members. */
  private static final long SLACK = 1 << 20;

  private final Path archive;
  private final Map<String, PinnedFile> wanted = new HashMap<>();
  private final long most;

  private TarArchive(Path archive, List<PinnedFile> files) {
    this.archive = archive;
    long sum = SLACK;
    for (PinnedFile file : files) {
      wanted.put(file.name(), file);
      sum += file.bytes() + 2 * BLOCK;
    }
    most = sum;
  }

  /**
   * Extracts files.
   *
   * @param files the files, by the last part of their names in the archive
   * @param folder the target folder
   * @throws RunFailedException if a file is missing or its content is wrong, or the archive is
   *     damaged or hostile
   */
  static void unpack(Path archive, List<PinnedFile> files, Path folder) {
    var tar = new TarArchive(archive, files);
    try (InputStream in =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)), 1 << 16)) {
      tar.unpack(in, folder);
    } catch (EOFException e) {
      throw tar.damaged("more data", "the end of the archive");
    } catch (IOException e) {
      throw new RunFailedException(
          archive
              + " could not be unpacked to "
              + folder
              + " ("
              + AtomicFile.reason(e)
              + "). Make room, or check the permissions, and run the command again.",
          e);
    }
    if (!tar.wanted.isEmpty()) {
      throw tar.damaged(
          String.join(", ", tar.wanted.keySet().stream().sorted().toList()), "no such file");
    }
  }

  private RunFailedException damaged(String expected, String found) {
    return new RunFailedException(
        archive
            + ": expected "
            + expected
            + ", found "
            + found
            + ". Delete the archive and run the command again.");
  }

  private void unpack(InputStream in, Path folder) throws IOException {
    long position = 0;
    while (true) {
      byte[] header = new byte[BLOCK];
      int n = in.readNBytes(header, 0, BLOCK);
      if (n == 0 || (n == BLOCK && isZero(header))) {
        return;
      }
      if (n < BLOCK) {
        throw new EOFException();
      }
      checkSum(header, position);
      String name = name(header);
      checkName(name);
      long size = octal(header, 124, 12, position);
      long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
      if (padded > most - position - BLOCK) {
        throw damaged("at most " + most + " bytes", "\"" + name + "\" of " + size + " bytes");
      }
      switch (header[156]) {
        case 0, '0' -> member(in, name, size, folder);
        case '1', '2' -> throw damaged("files and folders", "the link \"" + name + "\"");
        default -> in.skipNBytes(size); // Folders and pax headers.
      }
      in.skipNBytes(padded - size);
      position += BLOCK + padded;
    }
  }

  private static boolean isZero(byte[] block) {
    return Arrays.equals(block, new byte[BLOCK]);
  }

  private void checkSum(byte[] header, long position) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != octal(header, 148, 8, position)) {
      throw damaged("the header of a file at byte " + position, "one with a wrong checksum");
    }
  }

  private long octal(byte[] header, int from, int length, long position) {
    String digits =
        new String(header, from, length, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    if (!digits.matches("[0-7]{1,12}")) {
      throw damaged("an octal number in the header at byte " + position, "\"" + digits + "\"");
    }
    return Long.parseLong(digits, 8);
  }

  private static String name(byte[] header) {
    String name = text(header, 0, 100);
    String prefix = text(header, 257, 5).equals("ustar") ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.UTF_8);
  }

  private void checkName(String name) {
    if (name.startsWith("/")
        || name.contains("\\")
        || name.contains(":")
        || Arrays.asList(name.split("/")).contains("..")) {
      throw damaged("names inside of the archive", "\"" + name + "\"");
    }
  }

  private void member(InputStream in, String name, long size, Path folder) throws IOException {
    PinnedFile file = wanted.remove(name.substring(name.lastIndexOf('/') + 1));
    if (file == null) {
      in.skipNBytes(size);
      return;
    }
    if (size != file.bytes()) {
      throw damaged("\"" + name + "\" of " + file.bytes() + " bytes", size + " bytes");
    }
    Path part = folder.resolve(file.name() + Download.PART);
    try {
      try (OutputStream out = Files.newOutputStream(part)) {
        byte[] buffer = new byte[1 << 16];
        for (long left = size; left > 0; ) {
          int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
          if (n < 0) {
            throw new EOFException();
          }
          out.write(buffer, 0, n);
          left -= n;
        }
      }
      String digest = PinnedFile.digest(part);
      if (!digest.equals(file.sha256())) {
        throw damaged("\"" + name + "\" with SHA-256 " + file.sha256(), digest);
      }
      Files.move(part, folder.resolve(file.name()), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
