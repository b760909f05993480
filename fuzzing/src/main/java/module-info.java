/** Hostile input for the tests of whatever reads files. */
module io.measureflow.fuzzing {
  requires transitive io.measureflow.api;
  requires java.management;
  requires jdk.management;
  requires static org.jspecify;

  exports io.measureflow.fuzzing;
}
