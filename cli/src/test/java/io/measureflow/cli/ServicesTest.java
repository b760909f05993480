package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Services are said twice: in META-INF/services for the class path, in module-info for the module
 * path. What stands in one alone would be found by some applications and not by others.
 */
class ServicesTest {

  private static final Pattern PROVIDES =
      Pattern.compile("\\bprovides\\s+([\\w.]+)\\s+with\\s+([\\w.,\\s]+);");
  private static final Pattern USES = Pattern.compile("\\buses\\s+([\\w.]+)\\s*;");
  private static final Pattern COMMENT = Pattern.compile("//.*|(?s:/\\*.*?\\*/)");

  /** The folders of modules that have module-info. */
  private static List<Path> modules() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of(".."))) {
      return folders.filter(folder -> Files.isRegularFile(moduleInfo(folder))).sorted().toList();
    }
  }

  private static Path moduleInfo(Path module) {
    return module.resolve(Path.of("src", "main", "java", "module-info.java"));
  }

  private static String declarations(Path module) throws IOException {
    return COMMENT.matcher(Files.readString(moduleInfo(module))).replaceAll("");
  }

  /** The classes of each service, in order: the order is that in which they are found. */
  private static Map<String, List<String>> inModuleInfo(Path module) throws IOException {
    var services = new TreeMap<String, List<String>>();
    Matcher provides = PROVIDES.matcher(declarations(module));
    while (provides.find()) {
      services.put(provides.group(1), List.of(provides.group(2).strip().split("\\s*,\\s*", -1)));
    }
    return services;
  }

  private static Map<String, List<String>> inServiceFiles(Path module) throws IOException {
    var services = new TreeMap<String, List<String>>();
    Path folder = module.resolve(Path.of("src", "main", "resources", "META-INF", "services"));
    if (!Files.isDirectory(folder)) {
      return services;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        services.put(
            // The binary name of a nested class; module-info has its name in the language.
            String.valueOf(file.getFileName()).replace('$', '.'),
            Files.readAllLines(file).stream()
                .map(line -> line.replaceAll("#.*", "").strip().replace('$', '.'))
                .filter(line -> !line.isEmpty())
                .toList());
      }
    }
    return services;
  }

  @Test
  void moduleInfoProvidesWhatTheServiceFilesName() throws IOException {
    var withServices = new ArrayList<String>();
    for (Path module : modules()) {
      Map<String, List<String>> services = inServiceFiles(module);
      assertEquals(services, inModuleInfo(module), module::toString);
      if (!services.isEmpty()) {
        withServices.add(String.valueOf(module.getFileName()));
      }
    }
    assertTrue(
        withServices.containsAll(List.of("core", "datasets", "backend-simd", "examples", "cli")),
        withServices::toString);
  }

  /** A service that no module uses is never found on the module path. */
  @Test
  void whatIsProvidedIsUsed() throws IOException {
    Set<String> used = new TreeSet<>();
    Set<String> provided = new TreeSet<>();
    for (Path module : modules()) {
      Matcher uses = USES.matcher(declarations(module));
      while (uses.find()) {
        used.add(uses.group(1));
      }
      provided.addAll(inServiceFiles(module).keySet());
    }
    assertEquals(
        provided.stream()
            .filter(service -> service.startsWith("io.measureflow."))
            .collect(Collectors.toCollection(TreeSet::new)),
        used);
  }
}
