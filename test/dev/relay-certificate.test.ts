import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { provideCertificate } from '../../dev/deploy/relay-certificate.ts';
import { createAuthority, loadAuthority } from '../../src/certificates/authority.ts';
import { issueServer } from '../../src/certificates/issue.ts';
import { relayCertificate } from '../../xds-relay/certificate.ts';

const day = 24 * 3_600_000;
const start = Date.UTC(2026, 0, 1);
const balancer = 'kumulus-dev-0a1b2c3d4e5f6789.elb.eu-central-1.amazonaws.com';

/** A stage with what its secret has. */
function stage(options: { domain?: string; selfSigned?: boolean; text?: string; balancer?: string }) {
  const said: string[] = [];
  const state = { text: options.text, version: 0, now: start };
  const order = {
    ...{ name: 'dev', region: 'eu-central-1', balancer: options.balancer },
    relay: { domain: options.domain ?? '', selfSigned: options.selfSigned ?? false },
  };
  const secrets = {
    current: async (secret: string) => {
      expect(secret).toBe('kumulus/dev/relay-certificate');
      return state.text === undefined ? undefined : { text: state.text, version: String(state.version) };
    },
    put: async (_: string, text: string) => {
      state.text = text;
      state.version += 1;
      return String(state.version);
    },
  };
  const provide = () =>
    provideCertificate({ secrets, clock: () => state.now, say: (line) => void said.push(line) }, order);
  return { provide, said, state, members: () => JSON.parse(state.text ?? '') };
}

async function made(hosts: readonly string[], lifetime = 90 * day) {
  const at = { lifetime, now: start };
  const pair = await createAuthority({ kind: 'ec', subject: { commonName: 'somebody' }, ...at });
  const leaf = issueServer({ ca: loadAuthority(pair.certificate, pair.key), hosts, ...at });
  return { certificate: leaf.certificateChain, key: leaf.key.reveal(), ca: pair.certificate };
}

describe("the relays' certificate", () => {
  it.each([
    { domain: '', dialled: balancer },
    { domain: 'mesh.example.com', dialled: 'acme.mesh.example.com' },
    { domain: 'mesh.example.com', dialled: 'mesh.example.com' },
  ])('is made where the stage says so: for $dialled', async ({ domain, dialled }) => {
    const { provide, members, said, state } = stage({ domain, selfSigned: true });
    expect(await provide()).toEqual({ version: '1', ownAuthority: members().ca });
    const { certificate, key, ca } = members();
    // Relays take it.
    const environment = {
      ...{
        KUMULUS_DP_SERVER_TLS_CERT: certificate,
        KUMULUS_DP_SERVER_TLS_KEY: key,
        KUMULUS_DP_SERVER_CA: ca,
      },
    };
    expect(relayCertificate(environment, () => '')).toEqual({ cert: certificate, key, ca });
    const leaf = new X509Certificate(certificate);
    expect(leaf.verify(new X509Certificate(ca).publicKey)).toBe(true);
    for (const host of [dialled, 'localhost']) expect(leaf.checkHost(host)).toBeDefined();
    expect(said.join('\n')).toContain('--secret-id kumulus/dev/relay-certificate');
    expect(said.join('\n')).not.toContain('PRIVATE');

    // It stays until it is about to run out.
    said.length = 0;
    expect(await provide()).toEqual({ version: '1', ownAuthority: ca });
    expect(said).toEqual([]);
    state.now += 340 * day;
    expect(await provide()).toMatchObject({ version: '2' });
    expect(said[0]).toContain('the one before runs out');
  });

  it('is for the load balancer, whatever that is called', async () => {
    const before = stage({ selfSigned: true });
    await before.provide();
    const text = before.state.text ?? '';
    const after = stage({ selfSigned: true, text, balancer: 'kumulus-dev-1.somewhere.example.com' });
    await after.provide();
    await after.provide();
    expect(after.said.filter((line) => line.includes('was made'))).toEqual([
      expect.stringContaining('it is dialled by other names'),
    ]);
  });

  it('is made anew where the stage gets a domain, and never in place of one of yours', async () => {
    const before = stage({ selfSigned: true });
    await before.provide();
    const after = stage({ selfSigned: true, domain: 'mesh.example.com', text: before.state.text ?? '' });
    await after.provide();
    expect(after.said[0]).toContain('it is dialled by other names');

    const text = JSON.stringify(await made(['relays.example.org']));
    const own = stage({ selfSigned: true, domain: 'mesh.example.com', text });
    await expect(own.provide()).rejects.toMatchObject({ code: 'invalid' });
    expect(own.state.text).toBe(text);
  });

  it('is told of before it runs out, and asked for afterwards', async () => {
    const text = JSON.stringify(await made(['mesh.example.com', '*.mesh.example.com']));
    const { provide, said, state } = stage({ domain: 'mesh.example.com', text });
    expect(await provide()).toEqual({ version: '0', ownAuthority: undefined });
    expect(said).toEqual([]);
    state.now += 80 * day;
    await provide();
    expect(said[0]).toContain(
      'is valid until 2026-04-01T00:00:00.000Z only: get one for mesh.example.com and *.mesh',
    );
    state.now += 11 * day;
    await expect(provide()).rejects.toThrow(
      'the certificate was valid until 2026-04-01T00:00:00.000Z: get one',
    );
  });

  it('of a stage without a domain may be for a name that nobody here knows of', async () => {
    const { provide, said } = stage({ text: JSON.stringify(await made(['relays.example.org'])), balancer });
    await provide();
    expect(said).toEqual([expect.stringContaining(`is for DNS:relays.example.org, and not for ${balancer}`)]);
  });

  it('is asked for, to the letter', async () => {
    await expect(stage({ domain: 'mesh.example.com' }).provide()).rejects.toThrow(
      /has no value yet: get one for mesh\.example\.com and \*\.mesh\.example\.com[\s\S]*jq -n[\s\S]*aws secretsmanager put-secret-value --region eu-central-1 --secret-id kumulus\/dev\/relay-certificate/,
    );
  });

  it('is looked at before relays read it', async () => {
    const hosts = ['mesh.example.com', '*.mesh.example.com'];
    const [own, other] = await Promise.all([made(hosts), made(hosts)]);
    const reasons: readonly (readonly [string, string])[] = [
      ['not JSON, but a key', 'it is no JSON'],
      [JSON.stringify({ ...own, ca: undefined }), 'wrong is ca'],
      [JSON.stringify('text'), 'wrong is itself'],
      [JSON.stringify({ ...own, certificate: 'none' }), 'its member certificate has no certificate in PEM'],
      [
        JSON.stringify({
          ...own,
          certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
        }),
        'its member certificate cannot be read',
      ],
      [JSON.stringify({ ...own, key: 'none' }), 'its member key has no private key in PEM'],
      [JSON.stringify({ ...own, key: other.key }), 'its member key is not the key of the first certificate'],
      [JSON.stringify({ ...own, ca: other.ca }), 'its member ca has no authority that signed'],
      [
        JSON.stringify(await made(['mesh.example.com'])),
        'is for DNS:mesh.example.com, and not for tenant.mesh.example.com',
      ],
    ];
    for (const [text, words] of reasons) {
      const error = await stage({ domain: 'mesh.example.com', text })
        .provide()
        .then(
          () => undefined,
          (caught: unknown) => caught,
        );
      expect(error).toMatchObject({ code: 'invalid', message: expect.stringContaining(words) });
      expect(String(error)).not.toMatch(/BEGIN|but a key/);
    }
  });
});
