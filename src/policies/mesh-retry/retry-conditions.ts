/** Envoy's words for conditions of the response or the connection (`x-envoy-retry-on`), by Kuma's. */
export const httpRetryConditions: ReadonlyMap<string, string> = new Map([
  ['5xx', '5xx'],
  ['GatewayError', 'gateway-error'],
  ['Reset', 'reset'],
  ['Retriable4xx', 'retriable-4xx'],
  ['ConnectFailure', 'connect-failure'],
  ['EnvoyRatelimited', 'envoy-ratelimited'],
  ['RefusedStream', 'refused-stream'],
  ['Http3PostConnectFailure', 'http3-post-connect-failure'],
]);

/** The methods to which retries can be limited, by Kuma's words. */
export const httpRetryMethods: ReadonlyMap<string, string> = new Map([
  ['HttpMethodConnect', 'CONNECT'],
  ['HttpMethodDelete', 'DELETE'],
  ['HttpMethodGet', 'GET'],
  ['HttpMethodHead', 'HEAD'],
  ['HttpMethodOptions', 'OPTIONS'],
  ['HttpMethodPatch', 'PATCH'],
  ['HttpMethodPost', 'POST'],
  ['HttpMethodPut', 'PUT'],
  ['HttpMethodTrace', 'TRACE'],
]);

/** Envoy's words for gRPC conditions (`x-envoy-retry-grpc-on`), by Kuma's. */
export const grpcRetryConditions: ReadonlyMap<string, string> = new Map([
  ['Canceled', 'canceled'],
  ['DeadlineExceeded', 'deadline-exceeded'],
  ['Internal', 'internal'],
  ['ResourceExhausted', 'resource-exhausted'],
  ['Unavailable', 'unavailable'],
]);

/** The status codes with a name of their own (IANA), as first and last of each run. */
const namedStatusCodes = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
] as const;

/** Reads a status code among the retry conditions; undefined where the text is none that has a name. */
export function parseRetryStatusCode(text: string): number | undefined {
  const code = /^[+-]?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return namedStatusCodes.some(([first, last]) => code >= first && code <= last) ? code : undefined;
}

/** Whether `retryOn` of HTTP may have it. */
export function isHttpRetryCondition(text: string): boolean {
  return (
    httpRetryConditions.has(text) || httpRetryMethods.has(text) || parseRetryStatusCode(text) !== undefined
  );
}
