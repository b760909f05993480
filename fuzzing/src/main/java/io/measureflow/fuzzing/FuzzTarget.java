package io.measureflow.fuzzing;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A reader of files and what its files look like.
 *
 * @param name what it is called in reports
 * @param corpus small valid files
 * @param tokens pieces that mean something in the format
 * @param dressings what is done to an input before it is read, one of them chosen for each: to mend
 *     a checksum or a length, so that the reader comes further, or nothing
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

  /** Puts a file into a folder and reads all of it. */
  @FunctionalInterface
  public interface Reader {

    /**
     * Reads an input, and closes whatever that opened.
     *
     * @param folder an empty folder, or one with the files of an earlier call
     * @return what came out, in few words: inputs with a new answer are kept to be changed further
     * @throws io.measureflow.api.error.InvalidRequestException if the input is refused
     */
    String read(Path folder, byte[] input) throws Exception;
  }

  /** A target whose inputs are read as they are. */
  public static FuzzTarget of(
      String name, List<byte[]> corpus, List<String> tokens, Reader reader) {
    return new FuzzTarget(
        name, corpus, texts(tokens.toArray(String[]::new)), List.of(bytes -> bytes), reader);
  }

  /** The same, with inputs dressed as well as naked. */
  public FuzzTarget dressed(UnaryOperator<byte[]> dressing) {
    return new FuzzTarget(
        name,
        corpus,
        tokens,
        Stream.concat(dressings.stream(), Stream.of(dressing)).toList(),
        reader);
  }

  /** Tokens that are texts; the letters stand for bytes. */
  public static List<byte[]> texts(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }
}
