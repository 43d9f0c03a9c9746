import { describe, expect, it } from 'vitest';
import { grpcRetryPolicy, httpRetryPolicy } from './retry-policy-apply.ts';

describe('what Envoy would refuse', () => {
  it.each([
    ['no base', { maxInterval: '1s' }, 25_000_000, 1n],
    ['a base of zero', { baseInterval: '0s' }, 25_000_000, undefined],
    ['a longest below the base', { baseInterval: '500ms', maxInterval: '100ms' }, 500_000_000, 0n],
  ])('back-off with %s', (_, backOff, baseNanos, maxSeconds) => {
    const policy = grpcRetryPolicy({ backOff });
    expect(policy?.retryBackOff?.baseInterval?.nanos).toBe(baseNanos);
    expect(policy?.retryBackOff?.maxInterval?.seconds).toBe(maxSeconds);
  });

  it('is left out: back-off by headers without a header, patterns that are none, frequencies of zero', () => {
    const policy = httpRetryPolicy({
      rateLimitedBackOff: { resetHeaders: [], maxInterval: '1s' },
      retriableRequestHeaders: [
        { type: 'RegularExpression', name: 'x-bad', value: '(?=a)' },
        { type: 'RegularExpression', name: 'x-good', value: '^a$' },
      ],
      hostSelection: [{ predicate: 'OmitPreviousPriorities', updateFrequency: 0 }],
    });
    expect(policy?.rateLimitedRetryBackOff).toBeUndefined();
    expect(policy?.retriableRequestHeaders.map(({ name }) => name)).toEqual(['x-good']);
    const priority = policy?.retryPriority?.configType.value;
    // Field 1, a varint of 1.
    expect([...(priority?.value ?? [])]).toEqual([8, 1]);
  });

  it('is brought to zero: a negative timeout', () => {
    expect(httpRetryPolicy({ perTryTimeout: '-1s' })?.perTryTimeout).toMatchObject({ seconds: 0n, nanos: 0 });
  });
});

it.each([
  [undefined, undefined],
  [{ numRetries: 0 }, undefined],
  [{}, 'gateway-error,connect-failure,refused-stream'],
  [{ retryOn: ['5xx', '503'] }, '5xx,retriable-status-codes'],
  [{ retryOn: ['503'] }, 'gateway-error,connect-failure,refused-stream,retriable-status-codes'],
  [{ retryOn: ['HttpMethodGet'] }, 'gateway-error,connect-failure,refused-stream'],
])('retries of HTTP with %j', (conf, expected) => {
  expect(httpRetryPolicy(conf)?.retryOn).toBe(expected);
});
