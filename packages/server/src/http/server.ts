/**
 * The HTTP face of one member: how it is, for machines that watch it. It only reads, it bounds whatever a client can
 * take of it, and nothing that goes wrong here reaches the member: it is answered, told to the operator, and over.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Events, MemberApi } from "@kvorum/core";
import { EXPOSITION_TYPE } from "../observability/exposition.ts";
import { Rarely } from "../observability/rarely.ts";
import { isOwnHost } from "./host-check.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { PROBLEM_TYPE, problemText } from "./problem.ts";
import { readiness } from "./readiness.ts";

export interface HttpServerOptions {
  readonly member: MemberApi;
  readonly events: Events;
  /** The text of `/metrics`. */
  readonly metrics: () => Promise<string>;
  readonly limits?: Partial<HttpLimits>;
}

const METHODS = "GET, HEAD";
const PATHS: readonly string[] = ["/healthz", "/metrics", "/readyz"];
const PATHS_TEXT =
  "here are /healthz (does it live?), /readyz (may it get traffic?) and /metrics (for Prometheus)";

export class HttpServer {
  readonly #member: MemberApi;
  readonly #events: Events;
  readonly #metrics: () => Promise<string>;
  readonly #limits: HttpLimits;
  readonly #app: FastifyInstance;
  readonly #rarely = new Rarely();
  /** Connections turned away because there were too many. */
  refused = 0;
  #kept: Promise<string> | null = null;
  #keptUntilMs = 0;

  constructor(options: HttpServerOptions) {
    this.#member = options.member;
    this.#events = options.events;
    this.#metrics = options.metrics;
    this.#limits = { ...HTTP_LIMITS, ...options.limits };
    this.#app = this.#compose();
  }

  /** Resolves to the port: the one asked for, or for 0 the one that was free. Rejects with the system's error. */
  async listen(host: string, port: number): Promise<number> {
    await this.#app.listen({ host, port });
    const address = this.#app.server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Ends every connection; never rejects. */
  async close(): Promise<void> {
    try {
      await this.#app.close();
    } catch (error) {
      this.#tell(error);
    }
  }

  #compose(): FastifyInstance {
    const limits = this.#limits;
    const app = fastify({
      logger: false,
      forceCloseConnections: true,
      bodyLimit: 1,
      connectionTimeout: limits.silentMs,
      keepAliveTimeout: limits.idleMs,
      requestTimeout: limits.requestMs,
      maxRequestsPerSocket: limits.requestsPerConnectionMax,
      http: {
        headersTimeout: limits.headersMs,
        connectionsCheckingInterval: limits.lookEveryMs,
        maxHeaderSize: limits.headerBytesMax,
      },
      clientErrorHandler: (_error, socket) => refuseBrokenRequest(socket),
      frameworkErrors: (_error, _request, reply) => {
        sendProblem(reply, 400, "the address of the request cannot be read");
      },
    });
    this.#bound(app.server);
    app.addHook("onRequest", async (request, reply) => this.#screen(request, reply));
    app.get("/healthz", async (_request, reply) => reply.type("text/plain").send("ok\n"));
    app.get("/readyz", async (request, reply) => this.#sendReadiness(request, reply));
    app.get("/metrics", async (_request, reply) => reply.type(EXPOSITION_TYPE).send(await this.#page()));
    // What is not there has been answered by then.
    app.setNotFoundHandler(async (_request, reply) => sendProblem(reply, 404, PATHS_TEXT));
    app.setErrorHandler(async (error, _request, reply) => {
      this.#tell(error);
      return sendProblem(reply, 500, "this page could not be made; the log of the member says why");
    });
    return app;
  }

  #bound(server: Server): void {
    server.maxConnections = this.#limits.connectionsMax;
    server.maxHeadersCount = this.#limits.headersMax;
    server.on("drop", () => this.refused++);
    server.on("error", (error) => this.#tell(error));
  }

  /** Refuses before a byte of a body is read. */
  #screen(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    void reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    const path = request.url.split("?", 1)[0] ?? "";
    const names = new Set(this.#member.topology.members.map(({ http }) => http.host.toLowerCase()));
    if (!isOwnHost(request.headers.host, names))
      return sendProblem(reply, 421, "ask by address, such as 127.0.0.1, or by localhost");
    if (!PATHS.includes(path)) return sendProblem(reply, 404, `there is nothing at this path; ${PATHS_TEXT}`);
    if (request.method !== "GET" && request.method !== "HEAD") {
      void reply.header("allow", METHODS);
      return sendProblem(reply, 405, `${path} can be read, with ${METHODS}`);
    }
    if (hasBody(request.raw)) return sendProblem(reply, 413, "a request has no body here");
    return undefined;
  }

  #sendReadiness(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const wanted = new URLSearchParams(request.url.split("?")[1] ?? "").get("for") ?? "traffic";
    if (wanted !== "traffic" && wanted !== "restart")
      return sendProblem(reply, 400, "for is traffic (the default) or restart");
    const found = readiness(this.#member, wanted);
    return reply
      .code(found.ready ? 200 : 503)
      .type("application/json")
      .send(`${JSON.stringify(found)}\n`);
  }

  /** The text of `/metrics`, made anew at most every `metricsKeptMs`. */
  #page(): Promise<string> {
    const nowMs = performance.now();
    if (this.#kept === null || nowMs >= this.#keptUntilMs) {
      this.#kept = this.#metrics();
      this.#keptUntilMs = nowMs + this.#limits.metricsKeptMs;
    }
    return this.#kept;
  }

  #tell(error: unknown): void {
    const others = this.#rarely.admit(performance.now());
    if (others === null) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#events.event("error", "http-error", text, { others });
  }
}

function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  // What may follow of this request is not read.
  if (status !== 404 && status !== 500) void reply.header("connection", "close");
  const more = status === 404 ? { paths: PATHS } : {};
  return reply
    .code(status)
    .type(PROBLEM_TYPE)
    .send(problemText(status, detail, more));
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** Not HTTP, too slow, or too large: Node has no request that could be answered. */
function refuseBrokenRequest(socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = problemText(400, "the request is broken, too slow or too large");
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
  // A client that does not close its side is not waited for.
  setTimeout(() => socket.destroy(), 500).unref();
}
