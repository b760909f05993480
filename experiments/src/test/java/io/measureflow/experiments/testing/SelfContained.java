package io.measureflow.experiments.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks that an HTML file needs no other file. */
public final class SelfContained {

  /** What makes a browser ask for another file. */
  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?:src|href|srcset|data|action|poster)\\s*=\\s*\"(?!data:)|url\\(|@import|<script|<link|<iframe",
          Pattern.CASE_INSENSITIVE);

  private SelfContained() {}

  /** Asserts that an HTML text needs no other file. */
  public static void assertSelfContained(String html) {
    Matcher reference = REFERENCE.matcher(html);
    assertFalse(reference.find(), () -> "found " + reference.group());
  }
}
