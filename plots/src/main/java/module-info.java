/** Pictures: line plots, flows and neurons in the plane, palettes, animations. */
module io.measureflow.plots {
  requires transitive java.desktop;
  requires static org.jspecify;

  exports io.measureflow.plots;
}
