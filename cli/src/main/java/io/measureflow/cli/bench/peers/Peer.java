package io.measureflow.cli.bench.peers;

import io.measureflow.api.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A way to run the training step in Python. */
public enum Peer {
  /** PyTorch, operation by operation. */
  TORCH_EAGER("torch-eager", "torch_peer.py", "eager"),
  /** PyTorch with {@code torch.compile}. */
  TORCH_COMPILE("torch-compile", "torch_peer.py", "compile"),
  /** JAX, compiled by XLA. */
  JAX_JIT("jax-jit", "jax_peer.py", "jit");

  /** The families whose step the scripts know. */
  public static final List<String> FAMILIES = List.of("dirac", "isotropic", "diagonal", "factored");

  private final String label;
  private final String script;
  private final String mode;

  Peer(String label, String script, String mode) {
    this.label = label;
    this.script = script;
    this.mode = mode;
  }

  /** Returns its name on the command line. */
  public String label() {
    return label;
  }

  /** Returns the name of its script. */
  String script() {
    return script;
  }

  /** Returns the first argument of its script. */
  String mode() {
    return mode;
  }

  /** Returns the names of all peers, separated by commas. */
  public static String names() {
    return Arrays.stream(values()).map(Peer::label).collect(Collectors.joining(","));
  }

  /**
   * Returns the peer of a name.
   *
   * @param option where the name comes from, for the message
   * @throws InvalidRequestException if there is none
   */
  public static Peer named(String option, String name) {
    return Arrays.stream(values())
        .filter(peer -> peer.label.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    option,
                    "names of " + names().replace(",", ", "),
                    "'" + name + "'",
                    "Correct the name."));
  }
}
