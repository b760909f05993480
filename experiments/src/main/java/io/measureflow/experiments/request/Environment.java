package io.measureflow.experiments.request;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a session needs from its caller.
 *
 * @param backend opens the backend; called only if there are runs to do
 * @param loader loads a dataset
 * @param versions the versions of the software, by name, for the report
 * @param progress receives one line after each run
 */
public record Environment(
    Supplier<Backend> backend,
    Function<DatasetRequest, Dataset> loader,
    SequencedMap<String, String> versions,
    Consumer<String> progress) {}
