import { status } from '@grpc/grpc-js';
import { type ErrorCode, isKumulusError, KumulusError } from '../model/errors.ts';

/** How a stream or call ended, as gRPC tells it. */
export interface GrpcStatus {
  readonly code: status;
  readonly details: string;
}

const codes: Readonly<Record<ErrorCode, status>> = {
  bad_request: status.INVALID_ARGUMENT,
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  method_not_allowed: status.UNIMPLEMENTED,
  not_acceptable: status.INVALID_ARGUMENT,
  conflict: status.ABORTED,
  precondition_failed: status.FAILED_PRECONDITION,
  gone: status.OUT_OF_RANGE,
  payload_too_large: status.RESOURCE_EXHAUSTED,
  unsupported_media_type: status.INVALID_ARGUMENT,
  unprocessable: status.INVALID_ARGUMENT,
  too_many_requests: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** Characters of `grpc-message`, which travels in a header. */
const maxDetails = 2000;

/** Text that can be percent-encoded: no half of a surrogate pair, and not too long. */
function headerText(text: string): string {
  return text.slice(0, maxDetails).replace(/\p{Surrogate}/gu, '\u{fffd}');
}

/** The text of an error with its violations, as a person reads it in Envoy's log. */
function describe(error: KumulusError): string {
  const violations = error.violations.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return violations === '' ? error.message : `${error.message}: ${violations}`;
}

/**
 * The one mapping from errors to gRPC. What is no {@link KumulusError} is told as `INTERNAL` without its words, which
 * may hold anything.
 */
export function grpcStatusOf(error: unknown): GrpcStatus {
  if (!isKumulusError(error)) {
    return { code: status.INTERNAL, details: 'internal error' };
  }
  return { code: codes[error.code], details: headerText(describe(error)) };
}

/** Why a relay that stops ends its streams. */
export function drainingError(): KumulusError {
  return new KumulusError('unavailable', 'the relay is draining, connect again');
}
