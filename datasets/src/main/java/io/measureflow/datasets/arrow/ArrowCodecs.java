package io.measureflow.datasets.arrow;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.xxhash.XXHashFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.compression.AbstractCompressionCodec;
import org.apache.arrow.vector.compression.CompressionCodec;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.compression.NoCompressionCodec;

/** The compressions of Arrow IPC, to be read: LZ4 frames and Zstandard. */
final class ArrowCodecs implements CompressionCodec.Factory {

  @Override
  public CompressionCodec createCodec(CodecType type) {
    return switch (type) {
      case NO_COMPRESSION -> NoCompressionCodec.INSTANCE;
      case LZ4_FRAME -> new Lz4();
      case ZSTD -> new Zstandard();
    };
  }

  @Override
  public CompressionCodec createCodec(CodecType type, int level) {
    return createCodec(type);
  }

  /** Buffers of compressed bytes after eight bytes that say how many there will be. */
  private abstract static class Codec extends AbstractCompressionCodec {

    /** Fills a buffer with what the compressed bytes stand for; returns their number. */
    abstract long decompress(ByteBuffer compressed, ByteBuffer to) throws IOException;

    @Override
    protected ArrowBuf doDecompress(BufferAllocator allocator, ArrowBuf compressed) {
      long size = readUncompressedLength(compressed);
      long length = compressed.writerIndex() - CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH;
      ArrowBuf buffer = allocator.buffer(size);
      try {
        long written =
            decompress(
                bytes(compressed, CompressionUtil.SIZE_OF_UNCOMPRESSED_LENGTH, length),
                bytes(buffer, 0, size));
        if (written != size) {
          throw new IllegalArgumentException(
              written + " bytes in a compressed buffer of " + size + " bytes");
        }
        buffer.writerIndex(size);
        return buffer;
      } catch (IOException e) {
        buffer.close();
        throw new UncheckedIOException(e);
      } catch (RuntimeException e) {
        buffer.close();
        throw e;
      }
    }

    private static ByteBuffer bytes(ArrowBuf buffer, long from, long length) {
      return buffer.nioBuffer(from, Math.toIntExact(length));
    }

    @Override
    protected ArrowBuf doCompress(BufferAllocator allocator, ArrowBuf buffer) {
      throw new UnsupportedOperationException("Files are written without compression.");
    }
  }

  private static final class Lz4 extends Codec {

    @Override
    long decompress(ByteBuffer compressed, ByteBuffer to) throws IOException {
      byte[] bytes = new byte[compressed.remaining()];
      compressed.get(bytes);
      byte[] block = new byte[Math.clamp(to.remaining(), 1, 1 << 16)];
      long count = 0;
      // The implementations that need neither native code nor Unsafe.
      try (InputStream in =
          new LZ4FrameInputStream(
              new ByteArrayInputStream(bytes),
              LZ4Factory.safeInstance().safeDecompressor(),
              XXHashFactory.safeInstance().hash32())) {
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
          if (n > to.remaining()) {
            throw new IOException("more bytes in a compressed buffer than announced");
          }
          to.put(block, 0, n);
          count += n;
        }
      }
      return count;
    }

    @Override
    public CodecType getCodecType() {
      return CodecType.LZ4_FRAME;
    }
  }

  private static final class Zstandard extends Codec {

    @Override
    long decompress(ByteBuffer compressed, ByteBuffer to) throws IOException {
      long written =
          Zstd.decompressDirectByteBuffer(
              to, 0, to.remaining(), compressed, compressed.position(), compressed.remaining());
      if (Zstd.isError(written)) {
        throw new IOException("damaged data of Zstandard: " + Zstd.getErrorName(written));
      }
      return written;
    }

    @Override
    public CodecType getCodecType() {
      return CodecType.ZSTD;
    }
  }
}
