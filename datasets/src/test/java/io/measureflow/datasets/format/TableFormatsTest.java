package io.measureflow.datasets.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.DatasetProvider.Description;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Formats from jars, valid and broken. */
class TableFormatsTest {

  private static final List<String> OWN = List.of("csv", "parquet", "arrow");

  @TempDir Path folder;

  /** Loads its classes from its jar, even if the class path has them as well. */
  private static final class JarLoader extends URLClassLoader {
    private final Set<String> own;

    JarLoader(Path jar, Set<String> own) throws IOException {
      super(new URL[] {jar.toUri().toURL()}, TableFormat.class.getClassLoader());
      this.own = own;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        if (known != null) {
          return known;
        }
        return own.contains(name) ? findClass(name) : super.loadClass(name, resolve);
      }
    }
  }

  /** Creates a jar with these test classes, and those they depend on, as services. */
  private Path jar(List<String> services, Class<?>... classes) throws IOException {
    Path jar = folder.resolve("plugin.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        var entries = new JarOutputStream(out)) {
      entries.putNextEntry(new JarEntry("META-INF/services/" + TableFormat.class.getName()));
      entries.write(String.join("\n", services).getBytes(StandardCharsets.UTF_8));
      for (Class<?> type : classes) {
        String name = type.getName().replace('.', '/') + ".class";
        entries.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
          assertTrue(in != null, name);
          in.transferTo(entries);
        }
      }
    }
    return jar;
  }

  private TableFormats load(List<String> services, Class<?>... classes) throws IOException {
    Path jar = jar(services, classes);
    Set<String> own = Stream.of(classes).map(Class::getName).collect(Collectors.toSet());
    try (var loader = new JarLoader(jar, own)) {
      return TableFormats.of(Extensions.of(loader));
    }
  }

  private static List<String> names(TableFormats formats) {
    return formats.all().stream().map(TableFormats.Entry::name).toList();
  }

  @Test
  void theFormatsOfThisModule() {
    TableFormats formats = TableFormats.installed();
    assertEquals(OWN, names(formats));
    assertEquals(List.of("csv", "csv.gz", "parquet", "arrow", "arrows"), formats.extensions());
    assertEquals(List.of(), formats.faults());
    assertEquals("csv.gz", formats.writing(Path.of("a.CSV.gz")).orElseThrow().extension());
    assertTrue(formats.writing(Path.of("csv")).isEmpty());
    assertTrue(formats.writing(Path.of("a.xlsx")).isEmpty());
  }

  @Test
  void aJarAddsAFormat() throws IOException {
    TableFormats formats = load(List.of(FixedWidthFormat.class.getName()));
    assertEquals(List.of(), formats.faults());
    assertEquals(List.of("csv", "parquet", "arrow", "fixed"), names(formats));
    assertTrue(formats.extensions().contains("fwf"));
    assertEquals(
        List.of("csv", "parquet", "arrow", "fixed"),
        new TableProvider(formats).descriptions().stream().map(Description::name).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "BrokenFormat$NoName, 'expected a name of lower-case letters and digits, joined by - or _,"
        + " found null'",
    "BrokenFormat$PathName, ../../x",
    "BrokenFormat$SameName, the name 'csv' belongs to io.measureflow.datasets.csv.CsvFormat",
    "BrokenFormat$SameExtension, found 'parquet' of io.measureflow.datasets.parquet.ParquetFormat",
    "BrokenFormat$ThrowingSummary, no summary yet",
    "BrokenFormat$ThrowingConstructor, no licence",
    "BrokenFormat$ThrowingClass, none",
    "BrokenFormat$NoFormat, not a subtype",
    "Missing, not found",
  })
  void aBrokenFormatIsOneMessageAndHarmsNoOther(String type, String reason) throws Exception {
    String name = "io.measureflow.datasets.format." + type;
    Class<?>[] classes =
        type.equals("Missing")
            ? new Class<?>[0]
            : new Class<?>[] {Class.forName(name, false, getClass().getClassLoader())};
    TableFormats formats = load(List.of(name, FixedWidthFormat.class.getName()), classes);
    assertEquals(List.of("csv", "parquet", "arrow", "fixed"), names(formats));
    assertEquals(1, formats.faults().size(), formats.faults().toString());
    String message = formats.faults().getFirst();
    for (String part : List.of(name, reason, "plugin.jar", "Update")) {
      assertTrue(message.contains(part), () -> "expected \"" + part + "\" in: " + message);
    }
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aFormatThatCannotOpenFilesIsNamed() throws IOException {
    var provider =
        new TableProvider(
            TableFormats.of(Registry.of(TableFormat.KIND, List.of(new BrokenFormat.NotWritten()))));
    Path file = Files.writeString(folder.resolve("a.x"), "x");
    Fixtures.assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> provider.load(Fixtures.request("not-written", file))),
        BrokenFormat.NotWritten.class.getName(),
        "could not open " + file,
        "not yet written");
  }
}
