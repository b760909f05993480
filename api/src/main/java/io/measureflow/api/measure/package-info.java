/** Families of parametric measures over neurons, the building blocks of measure-valued layers. */
@NullMarked
package io.measureflow.api.measure;

import org.jspecify.annotations.NullMarked;
