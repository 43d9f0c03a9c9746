import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { KumulusError } from '../model/errors.ts';
import { drainingError, grpcStatusOf } from './status.ts';

describe('grpcStatusOf', () => {
  it.each([
    { code: 'bad_request', want: status.INVALID_ARGUMENT },
    { code: 'invalid', want: status.INVALID_ARGUMENT },
    { code: 'unauthenticated', want: status.UNAUTHENTICATED },
    { code: 'forbidden', want: status.PERMISSION_DENIED },
    { code: 'not_found', want: status.NOT_FOUND },
    { code: 'conflict', want: status.ABORTED },
    { code: 'payload_too_large', want: status.RESOURCE_EXHAUSTED },
    { code: 'gone', want: status.OUT_OF_RANGE },
    { code: 'unprocessable', want: status.INVALID_ARGUMENT },
    { code: 'too_many_requests', want: status.RESOURCE_EXHAUSTED },
    { code: 'unavailable', want: status.UNAVAILABLE },
    { code: 'internal', want: status.INTERNAL },
  ] as const)('$code is $want', ({ code, want }) => {
    expect(grpcStatusOf(new KumulusError(code, 'why'))).toEqual({ code: want, details: 'why' });
  });

  it('says when to come back', () => {
    const error = new KumulusError('unavailable', 'come back in 3 s', { retryAfterSeconds: 3 });
    expect(grpcStatusOf(error)).toEqual({ code: status.UNAVAILABLE, details: 'come back in 3 s' });
    expect(grpcStatusOf(drainingError()).code).toBe(status.UNAVAILABLE);
  });

  it('names all violations', () => {
    const violations = [
      { field: 'a', message: 'is bad' },
      { field: 'b[0]', message: 'is worse' },
    ];
    const error = new KumulusError('invalid', 'Dataplane', { violations });
    expect(grpcStatusOf(error).details).toBe('Dataplane: a: is bad; b[0]: is worse');
  });

  it.each([new Error('password'), 'password', undefined])('keeps to itself what %s says', (error) => {
    expect(grpcStatusOf(error)).toEqual({ code: status.INTERNAL, details: 'internal error' });
  });

  it('gives text that a header can hold', () => {
    const { details } = grpcStatusOf(new KumulusError('invalid', `\ud800${'ü'.repeat(5000)}\udc00`));
    expect(() => encodeURI(details)).not.toThrow();
    expect(details).toHaveLength(2000);
    expect(details.startsWith('\ufffdü')).toBe(true);
  });
});
