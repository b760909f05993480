package io.measureflow.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A script with which bash and zsh complete a command line: subcommands, options, and those values
 * that can be listed. Other values are completed as file names. (The script that picocli generates
 * mixes up the values of options whose values have the same label, and completes no file names
 * after an option.)
 */
final class CompletionScript {

  private final String program;

  /** The words that may follow a command, by the command. */
  private final LinkedHashMap<String, List<String>> words = new LinkedHashMap<>();

  /** The commands with an option, by the values of the option. */
  private final LinkedHashMap<String, List<String>> options = new LinkedHashMap<>();

  /** The commands that take file names. */
  private final HashSet<String> files = new HashSet<>();

  private CompletionScript(CommandSpec root) {
    program = root.name();
    add("", root);
  }

  /** Returns the script for a command line. */
  static String of(CommandSpec root, boolean zsh) {
    var script = new CompletionScript(root);
    return (zsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "") + script.text();
  }

  private void add(String command, CommandSpec spec) {
    var next = new ArrayList<String>(spec.subcommands().keySet());
    for (PositionalParamSpec positional : spec.positionalParameters()) {
      List<String> values = values(positional.completionCandidates());
      next.addAll(values);
      if (values.isEmpty()) {
        files.add(command);
      }
    }
    for (OptionSpec option : spec.options()) {
      next.add(option.longestName());
      if (option.arity().max() > 0) {
        options
            .computeIfAbsent(
                String.join(" ", values(option.completionCandidates())), _ -> new ArrayList<>())
            .add("'" + command + " " + option.longestName() + "'");
      }
    }
    words.put(command, next);
    spec.subcommands()
        .forEach(
            (name, subcommand) ->
                add(command.isEmpty() ? name : command + " " + name, subcommand.getCommandSpec()));
  }

  private static List<String> values(@Nullable Iterable<String> values) {
    var list = new ArrayList<String>();
    if (values != null) {
      values.forEach(list::add);
    }
    return list;
  }

  private String text() {
    String function = "_" + program;
    String commands =
        words.keySet().stream()
            .filter(command -> !command.isEmpty())
            .map(command -> "'" + (command.contains(" ") ? "" : " ") + command + "'")
            .collect(Collectors.joining("|"));
    // ${COMPREPLY[*]} of several words ends with = only if the last one does, and then no key is
    // complete yet.
    var lines = new StringJoiner("\n", "", "\n");
    lines.add("# Completes " + program + "; made by '" + program + " completion'.");
    lines.add(function + "() {");
    lines.add("  local current=\"${COMP_WORDS[COMP_CWORD]}\" command='' words='' i");
    lines.add("  COMPREPLY=()");
    lines.add("  for ((i = 1; i < COMP_CWORD; i++)); do");
    lines.add("    case \"$command ${COMP_WORDS[i]}\" in");
    lines.add("      " + commands + ")");
    lines.add("        command=\"${command:+$command }${COMP_WORDS[i]}\" ;;");
    lines.add("    esac");
    lines.add("  done");
    lines.add("  case \"$command ${COMP_WORDS[COMP_CWORD - 1]}\" in");
    options.forEach(
        (values, names) -> {
          lines.add("    " + String.join("|", names) + ")");
          // Without a word, the shell completes file names.
          lines.add(values.isEmpty() ? "      return ;;" : "      words='" + values + "' ;;");
        });
    lines.add("    *)");
    lines.add("      case \"$command\" in");
    words.forEach(
        (command, next) ->
            lines.add(
                "        '"
                    + command
                    + "') "
                    + (files.contains(command) ? "[[ $current == -* ]] || return; " : "")
                    + "words='"
                    + String.join(" ", next)
                    + "' ;;"));
    lines.add("      esac ;;");
    lines.add("  esac");
    lines.add("  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))");
    lines.add("  case \"${COMPREPLY[*]}\" in");
    lines.add("    *=) compopt -o nospace 2>/dev/null ;;");
    lines.add("  esac");
    lines.add("}");
    lines.add("complete -o default -F " + function + " " + program);
    return lines.toString();
  }
}
