import { beforeAll, describe, expect, it } from 'vitest';
import { relayCertificate } from '../../xds-relay/certificate.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';

type Made = Awaited<ReturnType<typeof makeServerCertificate>>;

let made: Made;
let other: Made;
beforeAll(async () => {
  [made, other] = await Promise.all([makeServerCertificate(), makeServerCertificate()]);
});

/** Reads from what is given as files, and nothing else. */
function readFrom(files: Readonly<Record<string, string>>) {
  return (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
}

describe('relayCertificate', () => {
  it('reads secrets, as a task gets them', () => {
    const { certificate: cert, key, ca } = made;
    const environment = {
      KUMULUS_DP_SERVER_TLS_CERT: cert,
      KUMULUS_DP_SERVER_TLS_KEY: key,
      KUMULUS_DP_SERVER_CA: ca,
    };
    expect(relayCertificate(environment, readFrom({}))).toEqual({ cert, key, ca });
  });

  it('reads files', () => {
    const { certificate: cert, key, ca } = made;
    const environment = {
      KUMA_DP_SERVER_TLS_CERT_FILE: 'cert.pem',
      KUMA_DP_SERVER_TLS_KEY_FILE: 'key.pem',
      KUMULUS_DP_SERVER_CA_FILE: 'ca.pem',
    };
    const read = readFrom({ 'cert.pem': cert, 'key.pem': key, 'ca.pem': ca });
    expect(relayCertificate(environment, read)).toEqual({ cert, key, ca });
  });

  it('takes the certificate for what proxies trust where nothing else is told, and empty variables for none', () => {
    const { certificate: cert, key } = made;
    const environment = {
      KUMULUS_DP_SERVER_TLS_CERT: cert,
      KUMULUS_DP_SERVER_TLS_KEY: key,
      KUMULUS_DP_SERVER_CA: '',
      KUMA_DP_SERVER_TLS_CERT_FILE: '',
    };
    expect(relayCertificate(environment, readFrom({})).ca).toBe(cert);
  });

  const cert = 'KUMULUS_DP_SERVER_TLS_CERT';
  const key = 'KUMULUS_DP_SERVER_TLS_KEY';
  it.each([
    {
      what: 'no certificate',
      change: { [cert]: undefined },
      message: `${cert} or KUMA_DP_SERVER_TLS_CERT_FILE must be set`,
    },
    {
      what: 'no key',
      change: { [key]: undefined },
      message: `${key} or KUMA_DP_SERVER_TLS_KEY_FILE must be set`,
    },
    {
      what: 'two keys',
      change: { KUMA_DP_SERVER_TLS_KEY_FILE: 'key.pem' },
      message: `${key} and KUMA_DP_SERVER_TLS_KEY_FILE are set, only one of them can be`,
    },
    {
      what: 'no PEM for a certificate',
      change: { [cert]: 'arn:aws:secret' },
      message: `${cert} has no certificate in PEM`,
    },
    { what: 'no PEM for a key', change: { [key]: 'hush' }, message: `${key} has no private key in PEM` },
    {
      what: 'no PEM for a CA',
      change: { KUMULUS_DP_SERVER_CA: 'hush' },
      message: 'KUMULUS_DP_SERVER_CA has no certificate in PEM',
    },
  ])('says what is wrong with $what', ({ change, message }) => {
    const environment = { [cert]: made.certificate, [key]: made.key, ...change };
    expect(() => relayCertificate(environment, readFrom({}))).toThrow(new Error(message));
  });

  it('refuses the key of another certificate', () => {
    const environment = { [cert]: made.certificate, [key]: other.key };
    expect(() => relayCertificate(environment, readFrom({}))).toThrow(
      `${key} is not the key of the certificate in ${cert}`,
    );
  });
});
