import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../policy.case.ts';
import { parseRetryStatusCode } from './retry-conditions.ts';
import { meshRetryType } from './type.ts';

const mesh = { kind: 'Mesh' };
const conf = 'spec.to[0].default.conf';
const tcp = { tcp: { maxConnectAttempt: 1 } };

function to(retry: unknown, targetRef: unknown = mesh): object {
  return { to: [{ targetRef, default: retry }] };
}

describe('a MeshRetry', () => {
  it.each([
    [to(tcp)],
    [to({ http: { retryOn: ['5xx', 'HttpMethodGet', '503', 'Reset'] }, grpc: { retryOn: [] } })],
    [to({ http: { hostSelection: [] } })],
    [to({ http: { rateLimitedBackOff: { resetHeaders: [] } } })],
    [to({ http: { numRetries: 0, perTryTimeout: '0s', backOff: { maxInterval: '1s' } } })],
    [{ targetRef: { kind: 'MeshGateway', name: 'g', tags: { a: 'b' } }, ...to(tcp) }],
    [
      {
        targetRef: { kind: 'MeshHTTPRoute', name: 'r' },
        ...to(tcp, { kind: 'MeshExternalService', name: 'x' }),
      },
    ],
  ])('may be %j', (spec) => {
    expect(verdict(meshRetryType, spec)).toEqual([]);
  });

  it.each([
    [{}, [['spec.to', 'needs at least one item']]],
    [{ to: [] }, [['spec.to', 'needs at least one item']]],
    [to({}), [[conf, "at least one of the 'tcp', 'http', 'grpc' must be specified"]]],
    [
      to({ tcp: {}, http: {}, grpc: {} }),
      ['tcp', 'http', 'grpc'].map((name) => [`${conf}.${name}`, 'must not be empty']),
    ],
    [to({ http: { hostSelectionMaxAttempts: 1 } }), [[`${conf}.http`, 'must not be empty']]],
    [to({ tcp: { maxConnectAttempt: 0 } }), [[`${conf}.tcp.maxConnectAttempt`, 'must be greater than 0']]],
    [
      to({ http: { backOff: {} }, grpc: { backOff: {} } }),
      [
        [`${conf}.http.backOff`, 'must not be empty'],
        [`${conf}.grpc.backOff`, 'must not be empty'],
      ],
    ],
    [
      to({ http: { rateLimitedBackOff: { maxInterval: '0s' } }, grpc: { rateLimitedBackOff: {} } }),
      [
        [`${conf}.http.rateLimitedBackOff.maxInterval`, 'must be defined and greater than zero'],
        [`${conf}.http.rateLimitedBackOff.resetHeaders`, 'must be defined'],
        [`${conf}.grpc.rateLimitedBackOff.resetHeaders`, 'must be defined'],
      ],
    ],
    [
      to({ http: { retryOn: ['Rain', '5xx', '799'] } }),
      [
        [`${conf}.http.retryOn[0]`, "unknown item 'Rain'"],
        [`${conf}.http.retryOn[2]`, "unknown item '799'"],
      ],
    ],
    [
      to({
        http: {
          hostSelection: [
            { predicate: 'OmitHostsWithTags' },
            { predicate: 'OmitPreviousPriorities', updateFrequency: 0 },
            { predicate: 'OmitPreviousPriorities' },
          ],
        },
      }),
      [
        [`${conf}.http.hostSelection[0].tags`, 'must be defined'],
        [`${conf}.http.hostSelection[1].updateFrequency`, 'must be defined and greater than zero'],
        [`${conf}.http.hostSelection[2].predicate`, 'OmitPreviousPriorities must only be specified once'],
      ],
    ],
    [
      to(tcp, { kind: 'MeshSubset', tags: {} }),
      [['spec.to[0].targetRef.kind', "value 'MeshSubset' is not supported"]],
    ],
    [
      { targetRef: { kind: 'MeshGateway', name: 'g' }, ...to(tcp, { kind: 'MeshService', name: 'x' }) },
      [['spec.to[0].targetRef.kind', "value 'MeshService' is not supported"]],
    ],
    [
      to({ grpc: { retryOn: ['Snow'] } }),
      [
        [
          'spec.to[0].default.grpc.retryOn[0]',
          'in body should be one of [Canceled DeadlineExceeded Internal ResourceExhausted Unavailable]',
        ],
      ],
    ],
    [
      to({
        http: { retriableRequestHeaders: [{ name: 'X-A' }, { name: '' }, { name: 'a'.repeat(257) }, {}] },
      }),
      [
        [
          'spec.to[0].default.http.retriableRequestHeaders[0].name',
          "in body should match '^[a-z0-9!#$%&'*+\\-.^_\\x60|~]+$'",
        ],
        [
          'spec.to[0].default.http.retriableRequestHeaders[1].name',
          'in body should be at least 1 chars long',
        ],
        [
          'spec.to[0].default.http.retriableRequestHeaders[2].name',
          'in body should be at most 256 chars long',
        ],
        ['spec.to[0].default.http.retriableRequestHeaders[3].name', 'in body is required'],
      ],
    ],
    [
      to({ tcp: { maxConnectAttempt: '5' } }),
      [['spec.to[0].default.tcp.maxConnectAttempt', 'in body must be of type integer: "string"']],
    ],
    [
      to({ tcp: { maxConnectAttempt: 1.5 } }),
      [['spec.to[0].default.tcp.maxConnectAttempt', 'in body must be of type int32: "float64"']],
    ],
    [
      to({ http: { hostSelectionMaxAttempts: true } }),
      [['spec.to[0].default.http.hostSelectionMaxAttempts', 'in body must be of type int64: ""']],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshRetryType, spec)).toEqual(expected);
  });

  it.each([-1, 4_294_967_296])('cannot be read with %i retries', (numRetries) => {
    expect(verdict(meshRetryType, to({ grpc: { numRetries } }))).toBe(
      `invalid MeshRetry object: "json: cannot unmarshal number ${numRetries} into Go value of type uint32"`,
    );
  });

  it('is stored with the defaults of its schema', () => {
    const header = { name: 'x' };
    const http = {
      retriableRequestHeaders: [header, { ...header, type: null }],
      hostSelection: [{ predicate: 'OmitPreviousHosts' }],
    };
    expect(parse(meshRetryType, to({ http }))).toStrictEqual(
      to({
        http: {
          retriableRequestHeaders: [
            { type: 'Exact', ...header },
            { type: 'Exact', ...header },
          ],
          hostSelection: [{ predicate: 'OmitPreviousHosts', updateFrequency: 2 }],
        },
      }),
    );
  });
});

it.each([
  ['100', 100],
  ['0500', 500],
  ['+503', 503],
  ['418', 418],
  ['306', undefined],
  ['420', undefined],
  ['509', undefined],
  ['99', undefined],
  ['5e2', undefined],
  ['', undefined],
])('reads the status code %j as %s', (text, code) => {
  expect(parseRetryStatusCode(text)).toBe(code);
});
