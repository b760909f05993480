/**
 * Programs as TornadoVM task graphs on the devices that the SDK supports.
 *
 * <p>All values of a program lie in one array on the device, its memory; every task of its graph is
 * one static method that is given that array and a few integers: where operands begin and how they
 * are laid out. Kernels therefore know no shapes, are written once, and are tested as plain Java.
 */
@NullMarked
package io.measureflow.tornado;

import org.jspecify.annotations.NullMarked;
