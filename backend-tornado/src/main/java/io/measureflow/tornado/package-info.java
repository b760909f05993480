/**
 * Programs as TornadoVM task graphs on the devices that the SDK supports.
 *
 * <p>All values of a program are in one array on the device, its memory. Every task of its graph is
 * one static method that gets that array and a few integers: offsets and strides of operands.
 * Kernels therefore know no shapes, are written once, and are tested as plain Java.
 */
@NullMarked
package io.measureflow.tornado;

import org.jspecify.annotations.NullMarked;
