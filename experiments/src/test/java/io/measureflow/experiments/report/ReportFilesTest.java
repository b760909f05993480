package io.measureflow.experiments.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.experiments.testing.SelfContained;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {

  private static Report report() {
    return new Report("Of <a> & b")
        .paragraph("Half of `x < y` is \"x\".")
        .heading("Numbers")
        .points(List.of("one", "two"))
        .points(List.of())
        .table(List.of("layer", "accuracy"), List.of(List.of("dirac", "97.5 ± 0.1")))
        .code("measureflow train --seed 1 > log")
        .figure("plot", new byte[] {1, 2, 3}, "A <plot>")
        .details("All", List.of("run"), List.of(List.of("a=1 seed=1")));
  }

  @Test
  void markdownStandsBesideItsPictures(@TempDir Path folder) throws IOException {
    ReportFiles.write(report(), folder, "of");
    assertEquals(
        """
        # Of <a> & b

        Half of `x < y` is "x".

        ## Numbers

        - one
        - two

        | layer | accuracy |
        |---|---:|
        | dirac | 97.5 ± 0.1 |

        ```
        measureflow train --seed 1 > log
        ```

        ![plot](plot.png)

        *A <plot>*
        """,
        Files.readString(folder.resolve("of.md")));
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(folder.resolve("plot.png")));
  }

  @Test
  void htmlNeedsNothingElse() {
    String html = ReportFiles.html(report());
    SelfContained.assertSelfContained(html);
    assertTrue(
        html.contains(
            "src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(new byte[] {1, 2, 3})),
        html);
    assertTrue(html.contains("<h1>Of &lt;a&gt; &amp; b</h1>"), html);
    assertTrue(html.contains("Half of <code>x &lt; y</code> is &quot;x&quot;."), html);
    assertTrue(html.contains("<details><summary>All</summary>"), html);
  }
}
