package io.measureflow.datasets.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server on this machine that behaves as a test requires, and records its requests. */
final class FileServer implements AutoCloseable {

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  /** Answers a request. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** The range and the condition of each request, or a dash. */
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  FileServer(Answer answer) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          requests.add(header(exchange, "Range") + " " + header(exchange, "If-Range"));
          try (exchange) {
            answer.to(exchange);
          }
        });
    server.start();
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "-" : value;
  }

  URI address(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** Sends a file, whole or from the requested byte, as in RFC 9110. */
  static Answer file(byte[] content, String tag) {
    return exchange -> send(exchange, content, tag, content.length);
  }

  /** Sends as {@link #file}, but closes the connection after byte {@code end}. */
  static void send(HttpExchange exchange, byte[] content, String tag, int end) throws IOException {
    exchange.getResponseHeaders().set("ETag", tag);
    Matcher range = RANGE.matcher(header(exchange, "Range"));
    String condition = header(exchange, "If-Range");
    int from = 0;
    if (range.matches() && (condition.equals("-") || condition.equals(tag))) {
      from = Integer.parseInt(range.group(1));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
      exchange.sendResponseHeaders(206, content.length - from);
    } else {
      exchange.sendResponseHeaders(200, content.length);
    }
    OutputStream body = exchange.getResponseBody();
    body.write(content, from, Math.max(0, end - from));
    body.flush();
  }

  static Answer status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  static Answer redirect(String location) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
