/**
 * The bounds of the HTTP face. Node's own are made for servers that somebody watches: a minute for headers, five for
 * a request, connections without number and without end.
 */
export interface HttpLimits {
  /** Further ones are closed at once. */
  readonly connectionsMax: number;
  /** From the connection, or the request before, to the end of the headers. */
  readonly headersMs: number;
  /** From there to the end of the request. */
  readonly requestMs: number;
  /** How long a connection may wait for its next request. */
  readonly idleMs: number;
  /** How long a connection on which nothing moves is kept, whatever it is doing. */
  readonly silentMs: number;
  /** How often the above are looked at. */
  readonly lookEveryMs: number;
  readonly requestsPerConnectionMax: number;
  readonly headerBytesMax: number;
  readonly headersMax: number;
  /** How long `/metrics` is answered with the same text: asking more often costs nothing. */
  readonly metricsKeptMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  connectionsMax: 256,
  headersMs: 5_000,
  requestMs: 10_000,
  idleMs: 5_000,
  silentMs: 30_000,
  lookEveryMs: 1_000,
  requestsPerConnectionMax: 1_000,
  headerBytesMax: 8 * 1024,
  headersMax: 64,
  metricsKeptMs: 200,
};
