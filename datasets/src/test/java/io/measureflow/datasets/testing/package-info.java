/** What the tests share: requests and bytes, and a count of the memory that Arrow holds. */
@NullMarked
package io.measureflow.datasets.testing;

import org.jspecify.annotations.NullMarked;
