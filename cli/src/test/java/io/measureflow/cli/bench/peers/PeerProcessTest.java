package io.measureflow.cli.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.cli.bench.FakePython;
import io.measureflow.cli.bench.peers.Peer.Subject;
import io.measureflow.cli.bench.peers.PeerProcess.LeftOut;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol, with shell scripts as peers, and the script that speaks it in Python. */
class PeerProcessTest {

  private static final String STEP = "dirac 16 128 784 10 4";

  @TempDir Path folder;

  private PeerProcess start(String body) throws Exception {
    Path python = FakePython.of(folder, body);
    return PeerProcess.start(python.toString(), PeerScripts.write(), Peer.TORCH_COMPILE, 3);
  }

  @Test
  void aPeerPreparesAndTimesBursts() throws Exception {
    try (PeerProcess peer = start(FakePython.replies("echo ready", "echo median 0.0625"))) {
      assertEquals("fake compile 3", peer.version());
      assertEquals("torch-compile", peer.label());
      assertTrue(ProcessHandle.of(peer.id()).isPresent());
      peer.prepare(STEP, 1.5);
      assertEquals(0.0625, peer.burst(0.5));
      assertEquals(0.0625, peer.burst(0.25));
      assertEquals(
          List.of(
              "compile prepare dirac 16 128 784 10 4 1.5",
              "compile burst 0.5",
              "compile burst 0.25"),
          Files.readAllLines(folder.resolve("python.requests")));
    }
  }

  @Test
  void theProcessEndsWithItsInput() throws Exception {
    ProcessHandle process;
    try (PeerProcess peer = start(FakePython.replies("echo ready", "echo median 1"))) {
      process = ProcessHandle.of(peer.id()).orElseThrow();
    }
    assertFalse(process.isAlive());
  }

  @Test
  void aMissingLibraryAndAFailedPreparationLeaveThePeerOut() throws Exception {
    LeftOut missing = assertThrows(LeftOut.class, () -> start("echo missing no module torch"));
    assertEquals("no module torch", missing.getMessage());
    try (PeerProcess peer = start(FakePython.replies("echo failed no compiler", ""))) {
      LeftOut failed = assertThrows(LeftOut.class, () -> peer.prepare(STEP, 0));
      assertEquals("no compiler", failed.getMessage());
    }
  }

  @Test
  void whatIsNoPythonIsNamed() throws Exception {
    String greeting =
        assertThrows(InvalidRequestException.class, () -> start("echo usage: python FILE"))
            .getMessage();
    assertTrue(greeting.contains("which replied 'usage: python FILE'"), greeting);
    String silent =
        assertThrows(InvalidRequestException.class, () -> start("echo no such option >&2; exit 3"))
            .getMessage();
    assertTrue(silent.contains("which ended with code 3 (no such option)"), silent);
    String none =
        assertThrows(
                InvalidRequestException.class,
                () ->
                    PeerProcess.start(
                        folder.resolve("none").toString(), PeerScripts.write(), Peer.JAX_JIT, 1))
            .getMessage();
    assertTrue(none.startsWith("--peers: expected the path of a Python interpreter"), none);
  }

  @ParameterizedTest
  @ValueSource(strings = {"median", "median x", "median -1", "median nan", "ready", "median inf"})
  void anotherReplyThanATimeIsAFailure(String reply) throws Exception {
    try (PeerProcess peer = start(FakePython.replies("echo ready", "echo " + reply))) {
      String message = assertThrows(RunFailedException.class, () -> peer.burst(0.5)).getMessage();
      assertTrue(message.contains("found '" + reply + "'"), message);
    }
  }

  @Test
  void aPeerThatFailsOrEndsSaysWhy() throws Exception {
    try (PeerProcess peer = start(FakePython.replies("", "echo failed not finite"))) {
      String message = assertThrows(RunFailedException.class, () -> peer.burst(1)).getMessage();
      assertTrue(message.contains("torch-compile: the step failed (not finite)"), message);
    }
    String end = "{ echo warning; echo out of memory; } >&2; exit 9";
    try (PeerProcess peer = start(FakePython.replies("echo ready", end))) {
      String message = assertThrows(RunFailedException.class, () -> peer.burst(1)).getMessage();
      assertTrue(message.contains("ended with code 9 (out of memory)"), message);
      assertThrows(RunFailedException.class, () -> peer.prepare(STEP, 0));
    }
  }

  @Test
  void namesOfPeersAreThoseOfTheCommandLine() {
    for (Subject subject : Subject.values()) {
      for (String name : Peer.names(subject).split(",", -1)) {
        assertEquals(name, Peer.named(subject, "--peer-names", name).label());
      }
      assertThrows(
          InvalidRequestException.class, () -> Peer.named(subject, "--peer-names", "numpy"));
    }
    assertThrows(
        InvalidRequestException.class,
        () -> Peer.named(Subject.NETWORK, "--peer-names", "torch-eager"));
  }

  /** The script in Python, with a step that does nothing, and prints where it must not. */
  @Test
  void theScriptSpeaksTheProtocol() throws Exception {
    PeerScripts scripts = PeerScripts.write();
    Path serve = scripts.file("serve.py");
    Path script = folder.resolve("stub.py");
    Files.writeString(
        script,
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        from serve import serve

        class Step:
            def __init__(self, *sizes):
                self.sizes = sizes
                print("made", sizes)
            def new_batch(self):
                pass
            def run(self):
                pass
            def is_finite(self):
                return self.sizes[0] != "broken"
            def total(self):
                return sum(self.sizes[1:])
            def length(self, text):
                return len(text)

        def load():
            if sys.argv[2] == "missing":
                import there_is_no_such_module
            return "stub 1", Step

        serve(load)
        """);
    List<String> answers =
        converse(
            List.of(script.toString(), String.valueOf(serve.getParent()), "there"),
            """
            prepare dirac 16 128 784 10 4 0.01
            burst 0.01
            value total
            value length of three words
            value width
            prepare broken 1 1 1 1 1 0
            burst 0.01
            prepare dirac x
            sing
            """);
    assertEquals("hello stub 1", answers.get(0));
    assertEquals("ready", answers.get(1));
    assertTrue(Double.parseDouble(answers.get(2).replace("median ", "")) > 0, answers.get(2));
    assertEquals(List.of("value 942", "value 14"), answers.subList(3, 5));
    assertTrue(answers.get(5).startsWith("failed AttributeError"), answers.get(5));
    assertEquals("ready", answers.get(6));
    assertEquals("failed ArithmeticError: the parameters are no longer finite", answers.get(7));
    assertTrue(answers.get(8).startsWith("failed ValueError: could not convert"), answers.get(8));
    assertEquals("failed unknown request sing", answers.get(9));
    assertEquals(10, answers.size());
    assertEquals(
        List.of("missing ModuleNotFoundError: No module named 'there_is_no_such_module'"),
        converse(List.of(script.toString(), String.valueOf(serve.getParent()), "missing"), ""));
  }

  private static List<String> converse(List<String> arguments, String requests) throws Exception {
    Process process;
    try {
      var command = new ArrayList<>(List.of("python3", "-B"));
      command.addAll(arguments);
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      Assumptions.abort("there is no python3");
      throw e;
    }
    try (Writer input = process.outputWriter(StandardCharsets.UTF_8)) {
      input.write(requests);
    }
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      return output.lines().toList();
    }
  }
}
