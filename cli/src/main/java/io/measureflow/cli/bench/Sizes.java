package io.measureflow.cli.bench;

/**
 * The sizes of a step.
 *
 * @param batch B
 * @param inputs d
 * @param outputs p
 * @param rank r, for families with a free rank
 */
record Sizes(int batch, int inputs, int outputs, int rank) {}
