import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { type TenantId, tenantId } from '../../model/tenant.ts';
import { createTenantCredentials, type SessionCredentials } from './tenant-credentials.ts';

const [acme, globex] = [tenantId('acme'), tenantId('globex')];
const minute = 60_000;
const hour = 60 * minute;

/** An STS that counts, and fails as it is told. */
function world(limit?: number) {
  let now = 0;
  const taken: TenantId[] = [];
  const failures: unknown[] = [];
  const credentials = createTenantCredentials({
    async take(tenant) {
      taken.push(tenant);
      const failure = failures.shift();
      if (failure !== undefined) {
        throw failure;
      }
      return session(`${tenant}-${taken.length}`, now + hour);
    },
    clock: () => now,
    ...(limit !== undefined && { limit }),
  });
  return {
    taken,
    failures,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    keyOf: async (tenant: TenantId) => (await credentials.of(tenant)).accessKeyId,
  };
}

function session(accessKeyId: string, ends: number): SessionCredentials {
  return { accessKeyId, secretAccessKey: 'secret', sessionToken: 'token', expiration: new Date(ends) };
}

/** An error as the SDK throws it. */
function serviceError(name: string, fault: 'client' | 'server'): Error {
  return Object.assign(new Error('of the service'), { name, $fault: fault, $metadata: {} });
}

/** Lets what was begun without being awaited go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('credentials of tenants', () => {
  it('are taken once a tenant, however many ask at once and later', async () => {
    const { keyOf, taken } = world();
    const keys = await Promise.all([acme, acme, globex, acme].map(keyOf));
    expect(keys).toEqual(['acme-1', 'acme-1', 'globex-2', 'acme-1']);
    expect(await keyOf(acme)).toBe('acme-1');
    expect(taken).toEqual([acme, globex]);
  });

  it('are renewed before they end, while the old ones serve', async () => {
    const { keyOf, taken, advance } = world();
    await keyOf(acme);
    advance(55 * minute);
    expect(await keyOf(acme)).toBe('acme-1');
    expect(taken).toHaveLength(1);
    advance(1);
    expect(await Promise.all([keyOf(acme), keyOf(acme)])).toEqual(['acme-1', 'acme-1']);
    await settled();
    expect(await keyOf(acme)).toBe('acme-2');
    expect(taken).toHaveLength(2);
  });

  it('are not given out with less than a minute left', async () => {
    const { keyOf, advance } = world();
    await keyOf(acme);
    advance(59 * minute + 1);
    expect(await keyOf(acme)).toBe('acme-2');
  });

  it('serve on where they cannot be renewed, which is tried again every ten seconds', async () => {
    const { keyOf, taken, failures, advance } = world();
    await keyOf(acme);
    failures.push(serviceError('ServiceUnavailable', 'server'), serviceError('ServiceUnavailable', 'server'));
    advance(56 * minute);
    expect(await keyOf(acme)).toBe('acme-1');
    await settled();
    advance(9_999);
    expect(await keyOf(acme)).toBe('acme-1');
    await settled();
    expect(taken).toHaveLength(2);
    advance(1);
    expect(await keyOf(acme)).toBe('acme-1');
    await settled();
    expect(taken).toHaveLength(3);
    advance(10_000);
    await keyOf(acme);
    await settled();
    expect(await keyOf(acme)).toBe('acme-4');
  });

  it('are forgotten for whom nobody has asked for longest', async () => {
    const { keyOf, taken } = world(2);
    const third = tenantId('third');
    await keyOf(acme);
    await keyOf(globex);
    await keyOf(acme);
    await keyOf(third);
    await keyOf(acme);
    expect(taken).toEqual([acme, globex, third]);
    expect(await keyOf(globex)).toBe('globex-4');
  });

  it.each([
    ['a refusal', serviceError('AccessDenied', 'client'), 'internal', 'is refused: AccessDenied'],
    [
      'a role that is none',
      serviceError('ValidationError', 'client'),
      'internal',
      'is refused: ValidationError',
    ],
    [
      'throttling',
      serviceError('ThrottlingException', 'client'),
      'unavailable',
      'could not be taken: Throttling',
    ],
    [
      'a failure',
      serviceError('InternalFailure', 'server'),
      'unavailable',
      'could not be taken: InternalFailure',
    ],
    ['a lost connection', new Error('ECONNRESET'), 'unavailable', 'could not be taken: Error'],
    ['what is no error', 'text', 'unavailable', 'could not be taken: unknown'],
  ])(
    'tell %s for what it is, and take the role anew for the next who asks',
    async (_, failure, code, text) => {
      const { keyOf, failures } = world();
      failures.push(failure);
      await expect(keyOf(acme)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
      expect(await keyOf(acme)).toBe('acme-2');
    },
  );

  it('pass on an error that is ours already', async () => {
    const { keyOf, failures } = world();
    const failure = new KumulusError('unavailable', 'STS gave no credentials');
    failures.push(failure);
    await expect(keyOf(acme)).rejects.toBe(failure);
  });
});
