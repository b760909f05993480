package io.measureflow.datasets.format;

import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * The target of a table. The file is written atomically by the caller.
 *
 * @param file the name of the file, for messages
 * @param extension one of the extensions of the format
 * @param channel receives all bytes; the writer leaves it open
 */
public record TableOutput(Path file, String extension, WritableByteChannel channel) {}
