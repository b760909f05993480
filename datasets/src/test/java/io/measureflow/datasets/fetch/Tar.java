package io.measureflow.datasets.fetch;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Writes an archive by hand, as specified by POSIX. */
final class Tar {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Tar add(String name, char type, byte[] content) {
    return add(name, type, content, content.length);
  }

  /** Adds a member whose header declares another size. */
  Tar add(String name, char type, byte[] content, long size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644\0");
    put(header, 124, String.format(Locale.ROOT, "%011o ", size));
    put(header, 136, "00000000000 ");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    bytes.writeBytes(header);
    bytes.writeBytes(Arrays.copyOf(content, (content.length + 511) / 512 * 512));
    return this;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] characters = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(characters, 0, header, at, characters.length);
  }

  byte[] bytes() {
    byte[] members = bytes.toByteArray();
    return Arrays.copyOf(members, members.length + 1024);
  }
}
