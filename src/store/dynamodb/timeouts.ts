/** How long a client of AWS waits, as its `requestHandler` is told. */
export interface RequestTimeouts {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: true;
  readonly socketTimeout: number;
}

/**
 * Gives a request up that is not answered, or whose answer stands still. The SDK by itself waits for ever, and with a
 * `requestTimeout` alone it only warns.
 *
 * @param milliseconds 3,000 unless told: DynamoDB answers the largest batches and transactions within a second.
 */
export function requestTimeouts(milliseconds = 3_000): RequestTimeouts {
  return {
    connectionTimeout: Math.min(1_000, milliseconds),
    requestTimeout: milliseconds,
    throwOnRequestTimeout: true,
    socketTimeout: milliseconds,
  };
}
