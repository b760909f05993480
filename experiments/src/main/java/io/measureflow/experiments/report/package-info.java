/**
 * Reports as lists of blocks (paragraphs, tables, figures), written as Markdown with PNG files
 * beside it and as one self-contained HTML file. Nothing here knows about experiments.
 */
@NullMarked
package io.measureflow.experiments.report;

import org.jspecify.annotations.NullMarked;
