import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startLocalServer } from '../../dev/server/local-server.ts';
import type { Logger } from '../../src/model/ports.ts';
import { admissionReview, pod, readAnswer } from '../support/admission-review.ts';

const folder = mkdtempSync(join(tmpdir(), 'kumulus-webhook-'));
let server: LocalServer;
let token: string;
const log: string[] = [];
const note = (message: string, fields?: object) => void log.push(JSON.stringify([message, fields]));
const logger: Logger = { debug: note, info: note, warn: note, error: note };

interface Sent {
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Calls over TLS, as an API server does. */
function call(path: string, sent: Sent = {}): Promise<{ readonly status: number; readonly text: string }> {
  const {
    host = 'localhost',
    method = 'POST',
    headers = {},
    body = JSON.stringify(admissionReview()),
  } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port: server.apiTlsPort,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: readFileSync(server.caFile),
        method,
        path,
        headers: { host: `${host}:${server.apiTlsPort}`, 'content-type': 'application/json', ...headers },
      },
      (answer) =>
        void text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, text: body }), reject),
    );
    outgoing.on('error', reject).end(body);
  });
}

beforeAll(async () => {
  const options = {
    apiPort: 0,
    apiTlsPort: 0,
    dpPort: 0,
    diagnosticsPort: undefined,
    data: folder,
    output: 'json',
  } as const;
  server = await startLocalServer(
    options,
    { KUMULUS_INJECTOR_CONTROL_PLANE_URL: 'https://{tenant}.mesh.test:5678' },
    logger,
  );
  const made = await call('/tenants', { body: JSON.stringify({ id: 'acme' }) });
  token = JSON.parse(made.text).adminToken;
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

describe('the admission webhook of the local server', () => {
  it('puts a sidecar into a pod of a tenant, who is told by host name and shows a token in a header', async () => {
    const { status, text } = await call('/inject-sidecar?timeout=10s', {
      host: 'acme.localhost',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(200);
    const answer = readAnswer(text);
    expect(answer.allowed).toBe(true);
    const [sidecar, app] = answer.pod.spec.containers;
    expect([sidecar.name, app]).toEqual(['kuma-sidecar', pod.spec.containers[0]]);
    expect(sidecar.env).toContainEqual({
      name: 'KUMA_CONTROL_PLANE_URL',
      value: 'https://acme.mesh.test:5678',
    });
    expect(sidecar.env).toContainEqual({
      name: 'KUMA_CONTROL_PLANE_CA_CERT',
      value: readFileSync(server.caFile, 'utf8'),
    });
    expect(answer.pod.metadata.labels['kuma.io/mesh']).toBe('default');
    expect(answer.pod.spec.restartPolicy).toBe('Always');
  });

  it('takes tenant, mesh and token from its path, and writes no token down', async () => {
    const body = JSON.stringify({ type: 'Mesh', name: 'payments' });
    const headers = { authorization: `Bearer ${token}` };
    const host = 'acme.localhost';
    expect((await call('/meshes/payments', { method: 'PUT', host, headers, body })).status).toBe(201);
    log.length = 0;
    const { status, text } = await call(
      `/tenants/acme/api/inject-sidecar/meshes/payments/tokens/${token}`,
      // The machine itself is no administrator of a tenant by another name.
      { headers: { 'x-forwarded-for': '203.0.113.9' } },
    );
    expect(status).toBe(200);
    expect(readAnswer(text).pod.metadata.labels['kuma.io/mesh']).toBe('payments');
    expect(log.join('\n')).toContain('"path":"/inject-sidecar/meshes/payments"');
    expect(log.join('\n')).not.toContain(token.slice(-40));
  });

  it.each<[string, string, Sent, number]>([
    ['nobody', '/inject-sidecar', { host: 'acme.localhost' }, 401],
    [
      'nobody, of a tenant that anybody may read',
      '/inject-sidecar',
      { headers: { 'x-forwarded-for': '203.0.113.9' } },
      401,
    ],
    ['whose token is none', '/inject-sidecar/tokens/none', { host: 'acme.localhost' }, 401],
    ['of a tenant that there is not', '/inject-sidecar', { host: 'none.localhost' }, 401],
    ['who reads it', '/inject-sidecar', { method: 'GET', body: '' }, 405],
    ['who sends text', '/inject-sidecar', { headers: { 'content-type': 'text/plain' } }, 415],
    ['of another path', '/inject-sidecar/other', {}, 404],
    ['who sends no JSON', '/inject-sidecar', { body: '{' }, 400],
    ['who sends too much', '/inject-sidecar', { body: ' '.repeat(1024 * 1024 + 1) }, 413],
    ['who sends depths', '/inject-sidecar', { body: '['.repeat(10_000) + ']'.repeat(10_000) }, 400],
  ])('answers a caller %s with the status of that', async (_, path, sent, status) => {
    const forwarded = sent.host === undefined ? {} : { 'x-forwarded-for': '203.0.113.9' };
    expect((await call(path, { ...sent, headers: { ...forwarded, ...sent.headers } })).status).toBe(status);
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'no AdmissionReview'],
    ['an older version', { ...admissionReview(), apiVersion: 'admission.k8s.io/v1beta1' }, 'apiVersion'],
    ['no request', { ...admissionReview(), request: undefined }, 'request'],
    ['no uid', admissionReview({ uid: '' }), 'request.uid'],
    ['no resource', admissionReview({ resource: 'pods' }), 'request.resource'],
  ])('refuses a review that is %s, and names the field', async (_, review, field) => {
    const { status, text } = await call('/inject-sidecar', { body: JSON.stringify(review) });
    expect(status).toBe(400);
    expect(JSON.parse(text).detail).toContain(field);
  });

  it.each<[string, unknown, string]>([
    ['of nothing', null, 'expected object'],
    ['without spec', { metadata: {} }, 'spec: '],
    ['whose containers are none', { spec: { containers: [{}] } }, 'spec.containers[0].name: '],
    ['whose labels are no texts', { ...pod, metadata: { labels: { a: [] } } }, 'metadata.labels.a: '],
    [
      'of a mesh that there is not',
      { ...pod, metadata: { labels: { 'kuma.io/mesh': 'none' } } },
      'metadata.labels["kuma.io/mesh"]: there is no mesh "none"',
    ],
    [
      'with an annotation of another form',
      { ...pod, metadata: { annotations: { 'kuma.io/envoy-admin-port': 'x' } } },
      'metadata.annotations["kuma.io/envoy-admin-port"]: failed to parse annotation',
    ],
  ])('denies a pod %s, and names the field', async (_, object, message) => {
    const { status, text } = await call('/inject-sidecar', {
      body: JSON.stringify(admissionReview({ object })),
    });
    expect(status).toBe(200);
    expect(readAnswer(text)).toMatchObject({
      allowed: false,
      status: {
        status: 'Failure',
        reason: 'Invalid',
        code: 422,
        message: expect.stringContaining(message),
        details: { causes: [{ reason: 'FieldValueInvalid' }] },
      },
    });
  });

  it.each<[string, object, readonly string[] | undefined]>([
    [
      'of a label that says no',
      { object: { ...pod, metadata: { labels: { 'kuma.io/sidecar-injection': 'disabled' } } } },
      undefined,
    ],
    [
      'that is changed',
      { operation: 'UPDATE' },
      ['only pods that are made get a sidecar, not UPDATE of pods'],
    ],
    [
      'that is none',
      { resource: { group: 'apps', version: 'v1', resource: 'deployments' } },
      ['only pods that are made get a sidecar, not CREATE of deployments'],
    ],
  ])('lets an object %s through as it is', async (_, asked, warnings) => {
    const { text } = await call('/inject-sidecar', { body: JSON.stringify(admissionReview(asked)) });
    const answer = readAnswer(text);
    expect(answer).toMatchObject({ allowed: true, patch: [] });
    expect(answer.warnings).toEqual(warnings);
  });

  it('warns of what Kuma gives up', async () => {
    const object = { ...pod, metadata: { annotations: { 'kuma.io/mesh': 'default' } } };
    const { text } = await call('/inject-sidecar', { body: JSON.stringify(admissionReview({ object })) });
    expect(readAnswer(text, object).warnings).toEqual([
      'the annotation kuma.io/mesh will be removed, use the label of this name',
    ]);
  });
});
