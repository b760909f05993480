/**
 * {@code report.html}: one self-contained page about a run, and {@code measureflow report}. A page
 * is a list of sections; each computes what it shows and leaves itself out where it has nothing to
 * say.
 */
@NullMarked
package io.measureflow.cli.report;

import org.jspecify.annotations.NullMarked;
