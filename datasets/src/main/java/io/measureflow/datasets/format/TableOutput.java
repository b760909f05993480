package io.measureflow.datasets.format;

import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * Where a table goes. It becomes a file when it is complete, or nothing at all; that is taken care
 * of above.
 *
 * @param file the name of the file, for messages
 * @param extension one of the extensions of the format
 * @param channel takes all bytes that it is given; the writer leaves it open
 */
public record TableOutput(Path file, String extension, WritableByteChannel channel) {}
