import { setTimeout as sleep } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import { ConditionFailedError } from '../port.ts';

export interface RetryOptions {
  /** How often a request is sent before it is given up; 10 unless told, over some four seconds. */
  readonly maxAttempts?: number;
  /**
   * For how long, in milliseconds; 5,000 unless told. No attempt begins later, so that a table that answers late is
   * given up before whoever asked has gone.
   */
  readonly maxMilliseconds?: number;
  /** Milliseconds since some time, for that. */
  readonly now?: () => number;
  /** Waits the given milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** Hears of each further attempt. */
  readonly telemetry?: Pick<Telemetry, 'storeRetried'>;
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
  const { maxAttempts = 10, maxMilliseconds = 5_000, random = Math.random } = options;
  const { wait = (milliseconds) => sleep(milliseconds), now = () => performance.now() } = options;
  const { telemetry = noTelemetry } = options;
  const pauseOf = (attempt: number) =>
    random() * Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** attempt);
  return {
    maxAttempts,
    pause(attempt) {
      telemetry.storeRetried('throttled');
      return wait(pauseOf(attempt));
    },
    async send(request) {
      const start = now();
      for (let attempt = 1; ; attempt += 1) {
        const pause = pauseOf(attempt);
        try {
          return await request();
        } catch (error) {
          const failure = translate(error);
          const isLast = attempt >= maxAttempts || now() - start + pause > maxMilliseconds;
          if (failure.code !== 'unavailable' || isLast) {
            throw failure.error;
          }
          telemetry.storeRetried(reasonOf(error));
        }
        await wait(pause);
      }
    },
  };
}

/** Parts of the names of errors, and of the reasons of cancelled transactions, by what they say. */
const throttling = /Throttling|ThroughputExceeded|LimitExceeded/;
const conflicting = /Conflict|TransactionInProgress/;

/** Why a request is sent again. */
function reasonOf(error: unknown): Parameters<Telemetry['storeRetried']>[0] {
  const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
  const names = [error instanceof Error ? error.name : '', ...reasons.map(({ Code = '' }) => Code)];
  if (names.some((name) => throttling.test(name))) {
    return 'throttled';
  }
  return names.some((name) => conflicting.test(name)) ? 'conflict' : 'no_answer';
}

/** What an error of the SDK means to us. */
function translate(error: unknown): { readonly code: 'unavailable' | 'final'; readonly error: unknown } {
  if (!(error instanceof Error) || error instanceof ConditionFailedError) {
    return { code: 'final', error };
  }
  // The credentials' own.
  if (isKumulusError(error)) {
    return { code: isKumulusError(error, 'unavailable') ? 'unavailable' : 'final', error };
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

/**
 * The request or its answer was lost on the way, or the service failed. What the service says carries `$fault`; what came
 * and could not be read carries only `$metadata`, whatever its status was; what never came has Node's `code`.
 */
function isTransport(error: Error): boolean {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null) {
    return 'code' in error && typeof error.code === 'string';
  }
  const status = 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  return !('$fault' in error) || (typeof status === 'number' && status >= 500);
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
