package io.measureflow.datasets.arrow;

import com.google.flatbuffers.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Walks through all messages of an Arrow IPC file or stream and checks the sizes that they declare
 * against the file. Arrow's own reader trusts every length, allocates before it reads, and follows
 * all references.
 *
 * <p>Malformed data throw an {@link IOException} or a runtime exception.
 */
public final class ArrowFrames {

  public static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  private static final int CONTINUATION = -1;

  /** The length of the footer and the magic number. */
  private static final int END_BYTES = Integer.BYTES + 6;

  private static final int MAX_DEPTH = 64;

  /** How many bytes one compressed byte may stand for. */
  private static final long LZ4_INFLATION = 256;

  private static final long ZSTD_INFLATION = 1 << 15;

  /** No field is described in fewer bytes: its place in a list, the table and its type. */
  private static final int LEAST_FIELD = 12;

  private final FileChannel channel;
  private final long size;

  /** The bytes of compressed dictionaries and of the largest compressed batch, decompressed. */
  private long dictionaries;

  private long largest;

  private ArrowFrames(FileChannel channel) throws IOException {
    this.channel = channel;
    size = channel.size();
  }

  /** Returns whether the content is an IPC file, as opposed to a stream. */
  public static boolean isFile(FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(MAGIC.length);
    int n = channel.read(start, 0);
    return n == MAGIC.length && start.flip().equals(ByteBuffer.wrap(MAGIC));
  }

  /**
   * Checks all messages of a file or stream.
   *
   * @return the most bytes that what is compressed takes at a time: in all dictionaries and one
   *     batch
   */
  public static long check(FileChannel channel) throws IOException {
    var frames = new ArrowFrames(channel);
    if (isFile(channel)) {
      frames.checkFile();
    } else {
      frames.checkStream();
    }
    return Math.addExact(frames.dictionaries, frames.largest);
  }

  private void checkStream() throws IOException {
    if (size == 0) {
      throw new IOException("the file is empty");
    }
    long position = 0;
    while (position < size) {
      long start = position;
      long length = bytes(position, Integer.BYTES).getInt();
      position += Integer.BYTES;
      if (length == CONTINUATION) {
        length = bytes(position, Integer.BYTES).getInt();
        position += Integer.BYTES;
      }
      if (length == 0) {
        return;
      }
      Message message = Message.getRootAsMessage(bytes(position, length));
      position += length;
      long body = message.bodyLength();
      if (body < 0 || body > size - position) {
        throw new IOException(
            "a message body of " + body + " bytes at byte " + position + " of " + size);
      }
      check(message, /* position= */ start, length, /* bodyStart= */ position, body);
      position += body;
    }
  }

  private void checkFile() throws IOException {
    if (size < END_BYTES + MAGIC.length) {
      throw new IOException("a file of " + size + " bytes, which has no room for a footer");
    }
    ByteBuffer end = bytes(size - END_BYTES, END_BYTES);
    int length = end.getInt();
    if (!end.equals(ByteBuffer.wrap(MAGIC))) {
      throw new IOException("no ARROW1 at the end, byte " + (size - MAGIC.length));
    }
    long start = size - END_BYTES - length;
    if (length <= 0 || start < MAGIC.length) {
      throw new IOException("a footer of " + length + " bytes before byte " + (size - END_BYTES));
    }
    Footer footer = Footer.getRootAsFooter(bytes(start, length));
    Schema schema = footer.schema();
    if (schema == null) {
      throw new IOException("a footer without a schema at byte " + start);
    }
    new SchemaCheck(start, length).check(schema);
    checkCount(footer.dictionariesLength(), "dictionaries", start, length);
    checkCount(footer.recordBatchesLength(), "record batches", start, length);
    for (int i = 0; i < footer.dictionariesLength(); i++) {
      check(footer.dictionaries(i), start, MessageHeader.DictionaryBatch);
    }
    for (int i = 0; i < footer.recordBatchesLength(); i++) {
      check(footer.recordBatches(i), start, MessageHeader.RecordBatch);
    }
  }

  private static void checkCount(int count, String what, long start, long length)
      throws IOException {
    if (count < 0 || count > length) {
      throw new IOException(count + " " + what + " in the " + length + " bytes at byte " + start);
    }
  }

  /** Checks a block listed in the footer. */
  private void check(Block block, long end, byte type) throws IOException {
    long offset = block.offset();
    int metadata = block.metaDataLength();
    long body = block.bodyLength();
    if (offset < MAGIC.length
        || metadata < 2 * Integer.BYTES
        || body < 0
        || offset > end
        || metadata > end - offset
        || body > end - offset - metadata) {
      throw new IOException(
          "a block of " + metadata + " and " + body + " bytes at byte " + offset + " of " + size);
    }
    ByteBuffer bytes = bytes(offset, metadata);
    int prefix = bytes.getInt(0) == CONTINUATION ? 2 * Integer.BYTES : Integer.BYTES;
    Message message = Message.getRootAsMessage(rest(bytes, prefix));
    if (message.headerType() != type) {
      throw new IOException(
          "a message of type "
              + message.headerType()
              + " instead of "
              + type
              + " at byte "
              + offset);
    }
    check(message, offset, metadata, offset + metadata, body);
  }

  /** Rebases a buffer, as Flatbuffers use offsets from its beginning or its position. */
  private static ByteBuffer rest(ByteBuffer bytes, int from) {
    return bytes.slice(from, bytes.capacity() - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void check(Message message, long position, long length, long bodyStart, long body)
      throws IOException {
    switch (message.headerType()) {
      case MessageHeader.Schema ->
          new SchemaCheck(position, length).check((Schema) header(message, new Schema(), position));
      case MessageHeader.RecordBatch ->
          largest =
              Math.max(
                  largest,
                  check(
                      (RecordBatch) header(message, new RecordBatch(), position),
                      position,
                      length,
                      bodyStart,
                      body));
      case MessageHeader.DictionaryBatch -> {
        var dictionary = (DictionaryBatch) header(message, new DictionaryBatch(), position);
        RecordBatch data = dictionary.data();
        if (data == null) {
          throw new IOException("a dictionary without values at byte " + position);
        }
        dictionaries = Math.addExact(dictionaries, check(data, position, length, bodyStart, body));
      }
      default ->
          throw new IOException(
              "a message of type " + message.headerType() + " at byte " + position);
    }
  }

  private static Table header(Message message, Table table, long position) throws IOException {
    Table header = message.header(table);
    if (header == null) {
      throw new IOException("a message without content at byte " + position);
    }
    return header;
  }

  /** Checks a batch; returns how many bytes its compressed buffers become. */
  private long check(RecordBatch batch, long position, long length, long bodyStart, long stored)
      throws IOException {
    checkCount(batch.buffersLength(), "buffers", position, length);
    checkBuffers(batch, position, stored);
    long inflated = batch.compression() == null ? 0 : inflated(batch, position, bodyStart);
    long body = Math.max(stored, inflated);
    // Every numeric column, and every dictionary, takes a byte for each row at least.
    if (batch.length() < 0 || batch.length() > body) {
      throw new IOException(
          "a batch of " + batch.length() + " rows in " + body + " bytes, at byte " + position);
    }
    checkCount(batch.nodesLength(), "columns", position, length);
    checkCount(batch.variadicBufferCountsLength(), "counts of buffers", position, length);
    for (int i = 0; i < batch.nodesLength(); i++) {
      FieldNode node = batch.nodes(i);
      if (node.length() < 0
          || node.length() > Byte.SIZE * body
          || node.length() > Integer.MAX_VALUE
          || node.nullCount() < 0
          || node.nullCount() > node.length()) {
        throw new IOException(
            "a column of "
                + node.length()
                + " values, of which "
                + node.nullCount()
                + " are null, in "
                + body
                + " bytes, at byte "
                + position);
      }
    }
    for (int i = 0; i < batch.variadicBufferCountsLength(); i++) {
      long count = batch.variadicBufferCounts(i);
      if (count < 0 || count > batch.buffersLength()) {
        throw new IOException(
            "a column of " + count + " buffers in the message at byte " + position);
      }
    }
    return inflated;
  }

  private static void checkBuffers(RecordBatch batch, long position, long body) throws IOException {
    for (int i = 0; i < batch.buffersLength(); i++) {
      Buffer buffer = batch.buffers(i);
      if (buffer.offset() < 0
          || buffer.length() < 0
          || buffer.offset() > body
          || buffer.length() > body - buffer.offset()) {
        throw new IOException(
            "a buffer of "
                + buffer.length()
                + " bytes at "
                + buffer.offset()
                + " of the "
                + body
                + " in the message at byte "
                + position);
      }
    }
  }

  /** Adds up what compressed buffers announce, each in the eight bytes before its data. */
  private long inflated(RecordBatch batch, long position, long bodyStart) throws IOException {
    BodyCompression compression = batch.compression();
    long most =
        switch (compression.codec()) {
          case CompressionType.LZ4_FRAME -> LZ4_INFLATION;
          case CompressionType.ZSTD -> ZSTD_INFLATION;
          default ->
              throw new IOException(
                  "compression " + compression.codec() + ", which is unknown, at byte " + position);
        };
    long all = 0;
    for (int i = 0; i < batch.buffersLength(); i++) {
      Buffer buffer = batch.buffers(i);
      if (buffer.length() == 0) {
        continue;
      }
      long announced = bytes(bodyStart + buffer.offset(), Long.BYTES).getLong();
      long compressed = buffer.length() - Long.BYTES;
      if (announced < -1 || compressed < 0 || announced > most * compressed) {
        throw new IOException(
            "a buffer of "
                + announced
                + " bytes in "
                + buffer.length()
                + " compressed ones of the message at byte "
                + position);
      }
      all = Math.addExact(all, announced == -1 ? compressed : announced);
    }
    return all;
  }

  /**
   * Visits all fields and strings of a schema. References may share targets or form cycles, so the
   * visit is limited by the size of the message.
   */
  private static final class SchemaCheck {
    private final long position;
    private final long fields;
    private long visited;
    private long text;

    SchemaCheck(long position, long length) {
      this.position = position;
      this.fields = length / LEAST_FIELD;
      this.text = length;
    }

    void check(Schema schema) throws IOException {
      count(schema.fieldsLength());
      for (int i = 0; i < schema.fieldsLength(); i++) {
        check(schema.fields(i), 0);
      }
      for (int i = 0; i < schema.customMetadataLength(); i++) {
        check(schema.customMetadata(i));
      }
    }

    private void check(Field field, int depth) throws IOException {
      if (depth > MAX_DEPTH) {
        throw new IOException(
            "columns nested more than " + MAX_DEPTH + " deep in the message at byte " + position);
      }
      count(1);
      characters(field.nameAsByteBuffer());
      count(field.childrenLength());
      for (int i = 0; i < field.childrenLength(); i++) {
        check(field.children(i), depth + 1);
      }
      for (int i = 0; i < field.customMetadataLength(); i++) {
        check(field.customMetadata(i));
      }
    }

    private void check(KeyValue pair) throws IOException {
      count(1);
      characters(pair.keyAsByteBuffer());
      characters(pair.valueAsByteBuffer());
    }

    private void count(long more) throws IOException {
      if (more < 0 || more > fields) {
        throw new IOException(more + " columns in the message at byte " + position);
      }
      visited += more;
      // A list and its elements both count.
      if (visited > 2 * fields) {
        throw new IOException(
            "columns that refer to each other in the message at byte " + position);
      }
    }

    private void characters(@Nullable ByteBuffer characters) throws IOException {
      text -= characters == null ? 0 : characters.remaining();
      if (text < 0) {
        throw new IOException("names longer than the message at byte " + position);
      }
    }
  }

  private ByteBuffer bytes(long position, long length) throws IOException {
    if (length < 0 || length > size - position) {
      throw new IOException(length + " bytes announced at byte " + position + " of " + size);
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException("the file has become shorter while it was read");
      }
    }
    return bytes.flip();
  }
}
