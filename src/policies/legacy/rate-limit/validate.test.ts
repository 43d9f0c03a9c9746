import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection } from '../common/legacy.case.ts';
import { rateLimitType } from './type.ts';

describe('a RateLimit', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', 'must have conf']]],
    [{}, []],
    [{ http: { requests: 1, interval: '1s', onRateLimit: { status: 0 } } }, []],
    [
      { http: { requests: 0 } },
      [
        ['conf.http.requests', 'requests must be set'],
        ['conf.http.interval', 'interval must be set'],
      ],
    ],
    [
      {
        http: {
          requests: 1,
          interval: '0s',
          onRateLimit: { headers: [{ key: 'a', value: 'b' }, { key: 'a' }, { value: 'b' }] },
        },
      },
      [
        ['conf.http.onRateLimit.header["1"]', 'value must be set'],
        ['conf.http.onRateLimit.header["2"]', 'key must be set'],
      ],
    ],
  ])('with %j', (conf, expected) => {
    expect(flatVerdict(rateLimitType, { ...connection, conf })).toEqual(expected);
  });
});
