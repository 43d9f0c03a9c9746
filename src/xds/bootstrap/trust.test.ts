import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, loadAuthority } from '../../certificates/authority.ts';
import { issueServer } from '../../certificates/issue.ts';
import { alternativeNames, coversHost, isNoAuthority } from './trust.ts';

describe('a certificate', () => {
  let authority: X509Certificate;
  let leaf: X509Certificate;

  beforeAll(async () => {
    const now = Date.now();
    const lifetime = 60_000;
    const pair = await createAuthority({ kind: 'ec', subject: { commonName: 'ca.example' }, lifetime, now });
    authority = new X509Certificate(pair.certificate);
    const hosts = ['*.relay.example', 'localhost', '127.0.0.1', '::1'];
    const ca = loadAuthority(pair.certificate, pair.key);
    leaf = new X509Certificate(issueServer({ ca, hosts, lifetime, now }).certificateChain);
  });

  it.each([
    { host: 'localhost', covered: true },
    { host: 'acme.relay.example', covered: true },
    { host: 'a.b.relay.example', covered: false },
    { host: 'relay.example', covered: false },
    { host: '127.0.0.1', covered: true },
    { host: '127.0.0.2', covered: false },
    { host: '::1', covered: true },
    { host: '0:0:0:0:0:0:0:1', covered: true },
    { host: 'localhost.evil', covered: false },
    { host: '', covered: false },
  ])('covers $host: $covered', ({ host, covered }) => {
    expect(coversHost(leaf, host)).toBe(covered);
  });

  it('names no host by its subject', () => {
    expect(coversHost(authority, 'ca.example')).toBe(false);
  });

  it('lists its names', () => {
    expect(alternativeNames(leaf)).toEqual(['*.relay.example', '127.0.0.1', '::1', 'localhost']);
    expect(alternativeNames(authority)).toEqual([]);
  });

  it('says whether it is an authority', () => {
    expect(isNoAuthority(authority)).toBe(false);
    expect(isNoAuthority(leaf)).toBe(leaf.raw.includes(Buffer.from('0603551d13', 'hex')));
  });
});
