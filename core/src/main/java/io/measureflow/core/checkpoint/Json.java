package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.error.InvalidRequestException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;

/** Reads JSON from untrusted files: strict, bounded, and plain data only. */
final class Json {

  private static final int MAX_DEPTH = 16;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(64)
                          .maxStringLength(Safetensors.MAX_HEADER_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A JSON tree that cannot be written", e);
    }
  }

  /** Parses an object, refusing everything else, duplicate keys included. */
  static ObjectNode parseObject(String text, String where) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      long position = e.getLocation() == null ? -1 : e.getLocation().getCharOffset();
      throw new InvalidRequestException(
          where
              + ": expected a JSON object (at most "
              + MAX_DEPTH
              + " levels deep, no key twice), found, at character "
              + position
              + ": "
              + e.getOriginalMessage()
              + ". The file is damaged or was written by a faulty program; write it again.",
          e);
    }
    throw InvalidRequestException.of(where, "a JSON object", kind(text), "Write the file again.");
  }

  /** Reads a string. */
  static String text(JsonNode node, String where) {
    if (node.isTextual()) {
      return node.textValue();
    }
    throw InvalidRequestException.of(
        where, "a string", shortened(node), "Correct the description.");
  }

  /** Reads an integer within bounds. */
  static int integer(JsonNode node, String where, int least) {
    if (node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= least) {
      return node.intValue();
    }
    throw InvalidRequestException.of(
        where, "a whole number of at least " + least, shortened(node), "Correct the description.");
  }

  /** Reads a number from {@code least} to below {@code limit}. */
  static double number(JsonNode node, String where, double least, double limit) {
    if (node.isNumber() && node.doubleValue() >= least && node.doubleValue() < limit) {
      return node.doubleValue();
    }
    throw InvalidRequestException.of(
        where,
        "a number from " + least + " to below " + limit,
        shortened(node),
        "Correct the description.");
  }

  /** Reads a boolean. */
  static boolean bool(JsonNode node, String where) {
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    throw InvalidRequestException.of(
        where, "true or false", shortened(node), "Correct the description.");
  }

  /** Refuses unknown fields, whose content would otherwise be lost silently. */
  static void requireKnown(ObjectNode object, Set<String> known, String where) {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw InvalidRequestException.of(
            where,
            "only the keys " + String.join(", ", known),
            "'" + name + "'",
            "Remove it, or use a version that supports it.");
      }
    }
  }

  /** Shortens a node to a readable length for a message. */
  static String shortened(JsonNode node) {
    if (node.isMissingNode()) {
      return "nothing";
    }
    String text = node.toString();
    return node.getNodeType().name().toLowerCase(Locale.ROOT)
        + " "
        + (text.length() > 60 ? text.substring(0, 60) + "..." : text);
  }

  private static String kind(String text) {
    String start = text.strip();
    return start.isEmpty()
        ? "nothing"
        : "'" + (start.length() > 40 ? start.substring(0, 40) + "..." : start) + "'";
  }
}
