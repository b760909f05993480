package io.measureflow.cli.report;

import com.typesafe.config.Config;
import io.measureflow.plots.Html;

/** How the result was made, and how to make it again. */
final class ProvenanceSection implements Section {

  private final RunContents run;

  ProvenanceSection(RunContents run) {
    this.run = run;
  }

  @Override
  public String title() {
    return "Where it comes from";
  }

  @Override
  public void write(Html page) {
    Config provenance = run.provenance();
    page.open("dl", "class", "facts");
    fact(page, "Data", run.data());
    known(page, provenance, "Fingerprint of the data", "data.fingerprint");
    known(page, provenance, "Seed", "seed");
    known(page, provenance, "Saved", "time");
    known(page, provenance, "Backend", "backend.name");
    known(page, provenance, "Device", "backend.device");
    known(page, provenance, "Threads", "backend.threads");
    known(page, provenance, "Precision", "backend.precision");
    known(page, provenance, "MeasureFlow", "versions.measureflow");
    known(page, provenance, "Java", "versions.java");
    known(page, provenance, "System", "versions.os");
    fact(page, "Model file", run.folder().model().toString());
    page.close("dl");
    page.element("p", "To run it again:");
    page.element(
        "pre", "measureflow train --config " + Page.quoted(run.folder().config().toString()));
    page.element("p", "To use the model:");
    page.element(
        "pre",
        "measureflow predict --model "
            + Page.quoted(run.folder().model().toString())
            + " --input rows.csv --output predictions.csv");
  }

  private static void known(Html page, Config provenance, String name, String path) {
    if (provenance.hasPath(path)) {
      fact(page, name, provenance.getValue(path).unwrapped().toString());
    }
  }

  private static void fact(Html page, String name, String value) {
    page.open("div").element("dt", name).element("dd", value).close("div");
  }
}
