import type { Violation } from './violations.ts';

/** The closed set of reasons for which Kumulus refuses or fails; each is mapped to HTTP and gRPC in one place. */
export type ErrorCode =
  /** The request cannot be understood. */
  | 'bad_request'
  /** The resource was understood and breaks rules; `violations` says which. */
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  /** A condition of the write did not hold: somebody else was there first. */
  | 'conflict'
  | 'precondition_failed'
  /** What was asked for was there and is not kept any more. */
  | 'gone'
  | 'payload_too_large'
  | 'unsupported_media_type'
  /** The request contradicts one that was made before. */
  | 'unprocessable'
  /** More than the tenant's quota gives; the caller should come back after `retryAfterSeconds`. */
  | 'too_many_requests'
  /** Too much at once; the caller should come back after `retryAfterSeconds`. */
  | 'unavailable'
  | 'internal';

/** What an error carries beside its code and message; all of it may be shown to the caller. */
export interface ErrorDetails {
  /** Kuma's `title` of the answer, such as "Could not process a resource". */
  readonly title?: string;
  readonly violations?: readonly Violation[];
  readonly retryAfterSeconds?: number;
  /** The error underneath, for the log only; never shown to a caller. */
  readonly cause?: unknown;
}

/** The one error class of the project. Its message is meant for the caller and holds no secret. */
export class KumulusError extends Error {
  readonly code: ErrorCode;
  readonly title: string | undefined;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KumulusError';
    this.code = code;
    this.title = details.title;
    this.violations = details.violations ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Whether something that was caught is a {@link KumulusError}, of the given code where one is given. */
export function isKumulusError(error: unknown, code?: ErrorCode): error is KumulusError {
  return error instanceof KumulusError && (code === undefined || error.code === code);
}
