package io.measureflow.cli.report;

import io.measureflow.plots.Html;

/** A section of the page. */
public interface Section {

  /** Returns its heading. */
  String title();

  /** Writes what stands below the heading. */
  void write(Html page);
}
