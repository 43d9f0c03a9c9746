import { setTimeout as sleep } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { KumulusError } from '../../model/errors.ts';
import { ConditionFailedError } from '../port.ts';

export interface RetryOptions {
  /** How often a request is sent before it is given up; 10 unless told, over some four seconds. */
  readonly maxAttempts?: number;
  /** Waits the given milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** Sends a request until it is answered. */
export interface Retry {
  /** @throws KumulusError `unavailable` after the last attempt, `internal` for what trying again does not mend. */
  send<Answer>(request: () => Promise<Answer>): Promise<Answer>;
  /** The pause before a further attempt; for what DynamoDB has answered only in part. */
  pause(attempt: number): Promise<void>;
  readonly maxAttempts: number;
}

const firstPauseMilliseconds = 20;
const longestPauseMilliseconds = 1000;

/** Names of errors that pass, from DynamoDB's API reference ("Error handling with DynamoDB"). */
const passing = new Set([
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionInProgressException',
  'TimeoutError',
]);

/** Reasons of a cancelled transaction that pass. */
const passingReasons = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'InternalServerError',
]);

/** Creates a {@link Retry}: full jitter over a pause that doubles. */
export function createRetry(options: RetryOptions): Retry {
  const { maxAttempts = 10, wait = (milliseconds) => sleep(milliseconds), random = Math.random } = options;
  const pause = (attempt: number) =>
    wait(random() * Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** attempt));
  return {
    maxAttempts,
    pause,
    async send(request) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await request();
        } catch (error) {
          const failure = translate(error);
          if (failure.code !== 'unavailable' || attempt >= maxAttempts) {
            throw failure.error;
          }
        }
        await pause(attempt);
      }
    },
  };
}

/** What an error of the SDK means to us. */
function translate(error: unknown): { readonly code: 'unavailable' | 'final'; readonly error: unknown } {
  if (!(error instanceof Error) || error instanceof ConditionFailedError) {
    return { code: 'final', error };
  }
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
    const failed = codes.flatMap((code, position) => (code === 'ConditionalCheckFailed' ? [position] : []));
    if (failed.length > 0) {
      return { code: 'final', error: new ConditionFailedError(failed) };
    }
    const passes = codes.every((code) => code === 'None' || passingReasons.has(code));
    return passes ? unavailable(error, codes.join(', ')) : refused(error, codes.join(', '));
  }
  return passing.has(error.name) || isTransport(error)
    ? unavailable(error, error.name)
    : refused(error, error.name);
}

/** The request or its answer was lost on the way, or the service failed: an error without a status, or with 5xx. */
function isTransport(error: Error): boolean {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  if (typeof status === 'number') {
    return status >= 500;
  }
  return 'code' in error && typeof error.code === 'string';
}

function unavailable(cause: Error, reason: string): { code: 'unavailable'; error: KumulusError } {
  const error = new KumulusError('unavailable', `the table could not be reached: ${reason}`, {
    retryAfterSeconds: 1,
    cause,
  });
  return { code: 'unavailable', error };
}

function refused(cause: Error, reason: string): { code: 'final'; error: KumulusError } {
  return {
    code: 'final',
    error: new KumulusError('internal', `the table refused a request: ${reason}`, { cause }),
  };
}
