import { describe, expect, it } from 'vitest';
import { flatSpec, flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { connection } from '../common/legacy.case.ts';
import { timeoutType } from './type.ts';

const nothing = 'at least one timeout in section has to be defined';
const zero = 'has to be greater than 0 when defined';

describe('a Timeout', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', 'has to be defined']]],
    [{}, []],
    [{ connectTimeout: '0s' }, []],
    [{ tcp: { idleTimeout: '1h' } }, []],
    [{ tcp: { idleTimeout: '-1s' } }, []],
    [{ tcp: {} }, [['conf.tcp', nothing]]],
    [{ tcp: { idleTimeout: '0' } }, [['conf.tcp.idleTimeout', 'has to be greater than 0']]],
    [{ http: { streamIdleTimeout: '1s', maxStreamDuration: '1s' } }, [['conf.http', nothing]]],
    [
      { http: { requestTimeout: '0s', idleTimeout: '0s' } },
      [
        ['conf.http.requestTimeout', zero],
        ['conf.http.idleTimeout', zero],
      ],
    ],
    [{ http: { idleTimeout: '1s', streamIdleTimeout: '0s' } }, []],
    [{ grpc: {} }, [['conf.grpc', nothing]]],
    [
      { grpc: { streamIdleTimeout: '0s', maxStreamDuration: '0s' } },
      [
        ['conf.grpc.streamIdleTimeout', zero],
        ['conf.grpc.maxStreamDuration', zero],
      ],
    ],
  ])('with %j', (conf, expected) => {
    expect(flatVerdict(timeoutType, { ...connection, conf })).toEqual(expected);
  });

  it('is stored as the reference prints it', () => {
    const conf = { http: { request_timeout: '1m30.5s' }, connect_timeout: '5s', unknown: 1 };
    expect(flatSpec(timeoutType, { ...connection, conf })).toEqual({
      ...connection,
      conf: { connectTimeout: '5s', http: { requestTimeout: '90.500s' } },
    });
  });
});
