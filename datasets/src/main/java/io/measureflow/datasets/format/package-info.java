/**
 * The contract of table formats, and the installed formats. This package is for extensions.
 *
 * <p>{@link io.measureflow.datasets.format.TableFormat} opens a file as a {@link
 * io.measureflow.datasets.format.TableFile}: named and typed columns, and a cursor over batches of
 * rows. {@link io.measureflow.datasets.format.WritableTableFormat} also creates a {@link
 * io.measureflow.datasets.format.TableWriter}. A jar with such a class and a service file adds a
 * format; nothing else has to change.
 */
@NullMarked
package io.measureflow.datasets.format;

import org.jspecify.annotations.NullMarked;
