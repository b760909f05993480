package io.measureflow.cli.bench.peers;

import io.measureflow.api.error.InvalidRequestException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A way to run training steps or networks in Python. */
public enum Peer {
  /** Steps in PyTorch, operation by operation. */
  TORCH_EAGER(Subject.STEP, "torch-eager", "torch_peer.py", "eager"),
  /** Steps in PyTorch with {@code torch.compile}. */
  TORCH_COMPILE(Subject.STEP, "torch-compile", "torch_peer.py", "compile"),
  /** Steps in JAX, compiled by XLA. */
  JAX_JIT(Subject.STEP, "jax-jit", "jax_peer.py", "jit"),
  /** Networks in PyTorch, operation by operation, images with channels first. */
  NETWORK_CONTIGUOUS(Subject.NETWORK, "torch-contiguous", "torch_networks.py", "contiguous"),
  /** Networks in PyTorch, operation by operation, images with channels last in memory. */
  NETWORK_CHANNELS_LAST(
      Subject.NETWORK, "torch-channels-last", "torch_networks.py", "channels-last"),
  /** Networks in PyTorch with {@code torch.compile}. */
  NETWORK_COMPILE(Subject.NETWORK, "torch-compile", "torch_networks.py", "compile");

  /** What a peer runs. */
  public enum Subject {
    /** The training step of a mixture layer. */
    STEP,
    /** Whole networks. */
    NETWORK
  }

  /** The families whose step the scripts know. */
  public static final List<String> FAMILIES = List.of("dirac", "isotropic", "diagonal", "factored");

  /** The networks whose layers the scripts know. */
  public static final List<String> NETWORKS = List.of("lenet", "gm-lenet", "resnet8");

  private final Subject subject;
  private final String label;
  private final String script;
  private final String mode;

  Peer(Subject subject, String label, String script, String mode) {
    this.subject = subject;
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

  /** Returns the names of the peers that run something, separated by commas. */
  public static String names(Subject subject) {
    return of(subject).map(Peer::label).collect(Collectors.joining(","));
  }

  /**
   * Returns the peer of a name.
   *
   * @param option where the name comes from, for the message
   * @throws InvalidRequestException if none of those that run this has the name
   */
  public static Peer named(Subject subject, String option, String name) {
    return of(subject)
        .filter(peer -> peer.label.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    option,
                    "names of " + names(subject).replace(",", ", "),
                    "'" + name + "'",
                    "Correct the name."));
  }

  private static Stream<Peer> of(Subject subject) {
    return Arrays.stream(values()).filter(peer -> peer.subject == subject);
  }
}
