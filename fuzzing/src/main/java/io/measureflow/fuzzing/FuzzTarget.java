package io.measureflow.fuzzing;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A reader of files and the format that it reads.
 *
 * @param name its name in reports
 * @param corpus small valid files
 * @param tokens byte sequences with a meaning in the format
 * @param dressings transformations of an input before it is read, one chosen per input: repairing a
 *     checksum or a length, so that the reader gets further, or the identity
 * @param reader the reader
 */
public record FuzzTarget(
    String name,
    List<byte[]> corpus,
    List<byte[]> tokens,
    List<UnaryOperator<byte[]>> dressings,
    Reader reader) {

  /** Copies the lists. */
  public FuzzTarget {
    corpus = List.copyOf(corpus);
    tokens = List.copyOf(tokens);
    dressings = List.copyOf(dressings);
  }

  /** Writes an input to a folder and reads all of it. */
  @FunctionalInterface
  public interface Reader {

    /**
     * Reads an input, and closes whatever it opens.
     *
     * @param folder an empty folder, or one with the files of an earlier call
     * @return a short description of the result; inputs with new results are mutated further
     * @throws io.measureflow.api.error.InvalidRequestException if the input is refused
     */
    String read(Path folder, byte[] input) throws Exception;
  }

  /** Returns a target whose inputs are read unchanged. */
  public static FuzzTarget of(
      String name, List<byte[]> corpus, List<String> tokens, Reader reader) {
    return new FuzzTarget(
        name, corpus, texts(tokens.toArray(String[]::new)), List.of(bytes -> bytes), reader);
  }

  /** Returns a copy in which a transformation is applied to some inputs. */
  public FuzzTarget dressed(UnaryOperator<byte[]> dressing) {
    return new FuzzTarget(
        name,
        corpus,
        tokens,
        Stream.concat(dressings.stream(), Stream.of(dressing)).toList(),
        reader);
  }

  /** Tokens given as strings; each character is one byte. */
  public static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }
}
