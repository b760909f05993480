package io.measureflow.api.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryTest {

  /** A service of this test. */
  public interface Fruit {
    Kind<Fruit> KIND = Kind.of(Fruit.class, "fruit", "fruits", Fruit::name);

    String name();
  }

  /** A valid service. */
  public static final class Apple implements Fruit {
    @Override
    public String name() {
      return "apple";
    }
  }

  /** Another valid service. */
  public static final class Pear implements Fruit {
    @Override
    public String name() {
      return "pear";
    }
  }

  /** Has a name that is taken. */
  public static final class OtherApple implements Fruit {
    @Override
    public String name() {
      return "apple";
    }
  }

  /** Has no name. */
  public static final class Nameless implements Fruit {
    @Override
    @SuppressWarnings("NullAway") // what is wrong with it
    public String name() {
      return null;
    }
  }

  /** Has a path as its name. */
  public static final class Wanderer implements Fruit {
    @Override
    public String name() {
      return "../../etc";
    }
  }

  /** Throws when asked for its name. */
  public static final class Mute implements Fruit {
    @Override
    public String name() {
      throw new IllegalStateException("not yet");
    }
  }

  /** Cannot be instantiated. */
  public static final class Unripe implements Fruit {
    /** Throws. */
    public Unripe() {
      throw new IllegalStateException("too green");
    }

    @Override
    public String name() {
      return "unripe";
    }
  }

  /** Cannot be loaded. */
  public static final class Rotten implements Fruit {
    private static final int WORMS = Integer.parseInt("many");

    @Override
    public String name() {
      return "rotten" + WORMS;
    }
  }

  /** Does not implement the service. */
  public static final class Stone {}

  @TempDir Path folder;

  private Registry<Fruit> load(String... services) throws IOException {
    Path file = folder.resolve("META-INF/services/" + Fruit.class.getName());
    Files.createDirectories(file.getParent());
    Files.writeString(file, String.join("\n", services));
    try (var loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, RegistryTest.class.getClassLoader())) {
      return Registry.load(Fruit.KIND, loader);
    }
  }

  @Test
  void aNameBecomesAnObject() throws IOException {
    Registry<Fruit> fruits = load(Pear.class.getName(), Apple.class.getName());
    assertEquals(Set.of("apple", "pear"), fruits.names());
    assertEquals(Pear.class, fruits.get("pear").getClass());
    assertEquals(List.of(), fruits.faults());
    var error = assertThrows(InvalidRequestException.class, () -> fruits.get("plum", "--fruit"));
    assertEquals(
        "--fruit: expected one of apple, pear, found 'plum'. Choose one of them, or put the jar of"
            + " the fruit on the class path.",
        error.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "OtherApple, the name 'apple' belongs to",
    "Nameless, found null",
    "Wanderer, '../../etc'",
    "Mute, not yet",
    "Unripe, too green",
    "Rotten, NumberFormatException",
    "Stone, not a subtype",
    "Missing, not found",
  })
  void whatIsWrongIsOneMessageAndBreaksNothingElse(String type, String reason) throws IOException {
    String name = RegistryTest.class.getName() + "$" + type;
    Registry<Fruit> fruits = load(Apple.class.getName(), name, Pear.class.getName());
    assertEquals(Set.of("apple", "pear"), fruits.names());
    assertEquals(Apple.class, fruits.get("apple").getClass());
    assertEquals(1, fruits.faults().size(), fruits.faults().toString());
    String message = fruits.faults().getFirst().message();
    assertTrue(message.contains(name), message);
    assertTrue(message.contains(reason), message);
    assertTrue(message.contains("file:"), message);
    var error = assertThrows(InvalidRequestException.class, () -> fruits.get("plum"));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  @Test
  void furtherOnesJoinWithoutChangingTheRegistry() {
    var apple = new Apple();
    Registry<Fruit> one = Registry.of(Fruit.KIND, List.of(apple));
    Registry<Fruit> two = one.with(List.of(new Pear(), new OtherApple()));
    assertEquals(Set.of("apple"), one.names());
    assertEquals(Set.of("apple", "pear"), two.names());
    assertSame(apple, two.get("apple"));
    assertEquals(1, two.faults().size());
  }

  /** A kind whose service type belongs to the JDK, that is, lies outside. */
  private static final Kind<CharSequence> TEXTS =
      Kind.ofSeveral(
          CharSequence.class, "text", "texts", text -> List.of(text.toString().split(" ")));

  /** A service of our own. */
  private record Own(String text) implements CharSequence {
    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return text.subSequence(from, to);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Test
  void whatIsOursComesFirstAndKeepsItsNames() {
    var own = new Own("a b");
    Registry<CharSequence> texts = Registry.of(TEXTS, List.of("b c", own));
    assertEquals(List.of(own, "b c"), texts.services());
    assertSame(own, texts.get("b"));
    assertEquals(1, texts.faults().size(), texts.faults().toString());
    String message = texts.faults().getFirst().message();
    assertTrue(
        message.contains(
            "java.lang.String, as 'b', is left out: the name 'b' belongs to "
                + Own.class.getName()),
        message);
    // Its other name is its own.
    assertEquals("b c", texts.get("c"));
    Registry<CharSequence> joined =
        Registry.of(TEXTS, List.<CharSequence>of("a")).with(List.of(own));
    assertEquals("a", joined.get("a"));
  }

  @Test
  void anImplementationMayBeReplacedUnderOtherNames() {
    Registry<CharSequence> texts = Registry.of(TEXTS, List.of("a", "b"));
    Registry<CharSequence> longer = texts.map(text -> text + "x");
    assertEquals(Set.of("ax", "bx"), longer.names());
    assertEquals(Set.of("a", "b"), texts.names());
  }

  @Test
  void endingsOfFilesMayHaveDots() {
    Kind<CharSequence> files =
        Kind.ofFiles(CharSequence.class, "file", "files", text -> List.of(text.toString()));
    assertEquals(Set.of("csv.gz"), Registry.of(files, List.of("csv.gz", "../x")).names());
    assertEquals(Set.of(), Registry.of(TEXTS, List.of("csv.gz")).names());
  }

  @Test
  void anExtensionJoinsWithItsKind() {
    Extensions none = Extensions.of(ClassLoader.getPlatformClassLoader());
    Extensions some = none.with(new Extension<>(Fruit.KIND, new Apple()));
    assertEquals(Set.of("apple"), some.of(Fruit.KIND).names());
  }

  @Test
  void extensionsHaveARegistryForEachKind() {
    Extensions none = Extensions.of(ClassLoader.getPlatformClassLoader());
    assertEquals(Set.of(), none.of(Fruit.KIND).names());
    Extensions some = none.with(Fruit.KIND, List.of(new Apple()));
    assertEquals(Set.of("apple"), some.of(Fruit.KIND).names());
    assertEquals(Set.of(), none.of(Fruit.KIND).names());
    var error = assertThrows(InvalidRequestException.class, () -> none.of(Fruit.KIND).get("apple"));
    assertTrue(error.getMessage().contains("none is available"), error.getMessage());
  }
}
