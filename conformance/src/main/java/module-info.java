/** The suite that every backend passes. */
module io.measureflow.conformance {
  requires transitive io.measureflow.core;
  requires transitive org.junit.jupiter.api;
  requires com.fasterxml.jackson.databind;
  requires static org.jspecify;

  exports io.measureflow.conformance;

  // JUnit finds the tests by reflection.
  opens io.measureflow.conformance;
}
