import { request as httpsRequest } from 'node:https';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readEnvelope } from '../../src/model/envelope.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { keyText, type Resource, type ResourceKey } from '../../src/model/resource.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import { resourceType, resourceTypeByPath } from '../../src/policies/registry.ts';
import { createBootstrap } from '../../src/xds/bootstrap/bootstrap.ts';
import { bootstrapSettings } from '../../src/xds/bootstrap/settings.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import {
  fill,
  type RecordedStep,
  readRecording,
  recordingNames,
  recordingsFolder,
} from '../support/recording.ts';
import { differences } from '../support/same-answer.ts';
import { createSessions, startRelay } from './relay-fixture.ts';

/** A request of these cases may name the host that it is made to. */
type BootstrapStep = RecordedStep & { readonly request: { readonly hostHeader?: string } };

const recordings = recordingsFolder();

function stored(key: ResourceKey, spec: unknown): Resource {
  const time = '2026-01-01T00:00:00Z';
  return { ...key, labels: {}, creationTime: time, modificationTime: time, version: 1, spec };
}

/** Resources as the steps that are not for this server leave them. */
function createResources() {
  const all = new Map<string, Resource>();
  const put = (path: string, body: unknown) => {
    const [, collection = '', mesh = '', nested = '', name = ''] =
      /^\/([^/]+)\/([^/]+)(?:\/([^/]+)\/([^/]+))?$/.exec(path) ?? [];
    const type = resourceTypeByPath(nested === '' ? collection : nested);
    if (type === undefined || type.secret) {
      return;
    }
    const key = { type: type.name, mesh: nested === '' ? '' : mesh, name: nested === '' ? mesh : name };
    all.set(keyText(key), stored(key, readEnvelope(type, body).spec));
  };
  put('/meshes/default', { type: 'Mesh', name: 'default' });
  return { get: async (key: ResourceKey) => all.get(keyText(key)), put };
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

function send(port: number, ca: string, { request }: BootstrapStep): Promise<Answer> {
  const body = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const own = Object.entries(request.headers ?? {}).filter(
    (header): header is [string, string] => typeof header[1] === 'string',
  );
  const headers = {
    accept: 'application/json',
    host: request.hostHeader ?? `localhost:${port}`,
    ...Object.fromEntries(own),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        ca,
        path: request.path,
        method: request.method,
        headers,
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            text,
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** An answer as the recordings show it: what is YAML or base64 of YAML is read. */
function decoded({ contentType, text }: Answer): unknown {
  if (contentType.includes('yaml')) {
    return parseYaml(text);
  }
  if (!contentType.includes('json')) {
    return text === '' ? undefined : text;
  }
  const value: unknown = JSON.parse(text);
  if (
    typeof value !== 'object' ||
    value === null ||
    !('bootstrap' in value) ||
    typeof value.bootstrap !== 'string'
  ) {
    return value;
  }
  return { ...value, bootstrap: parseYaml(Buffer.from(value.bootstrap, 'base64').toString()) };
}

async function startBootstraps() {
  const resources = createResources();
  const served = await makeServerCertificate();
  const relay = await startRelay({
    sessions: createSessions(() => undefined),
    bootstrap: createBootstrap({
      settings: bootstrapSettings({
        KUMA_EXPERIMENTAL_DELTA_XDS: 'false',
        KUMULUS_BOOTSTRAP_CHECK_TOKENS: 'stream-only',
      }),
      lookups: {
        get: (_tenant, key) => resources.get(key),
        type: resourceType,
        certificate: () => ({ certificate: served.certificate, ca: served.ca }),
        port: () => 5678,
        answersUnchecked: () => true,
        authenticate: () => Promise.reject(new Error('tokens are for the stream to check')),
        checkToken: () => Promise.reject(new Error('tokens are for the stream to check')),
      },
      logger: silentLogger,
    }),
    tenantOf: () => defaultTenant,
  });
  return { relay, resources };
}

describe.skipIf(recordings === undefined)('bootstraps as recorded', () => {
  const names = recordings === undefined ? [] : recordingNames(recordings, 'bootstrap');
  it.each(names)('%s', replay);
});

/** Sends the steps of a case that are for this server, in order, and compares the answers. */
async function replay(name: string) {
  const { relay, resources } = await startBootstraps();
  const steps: readonly BootstrapStep[] = readRecording(recordings ?? '', 'bootstrap', name);
  const problems: string[] = [];
  for (const [position, step] of steps.entries()) {
    const { request } = step;
    if (request.server !== 'dp') {
      if (request.method === 'PUT') {
        resources.put(request.path, fill(request.body, new Map()));
      }
      continue;
    }
    const answer = await send(relay.port, relay.ca, step);
    const found = [
      ...(answer.status === step.status
        ? []
        : [`status ${answer.status}, want ${step.status}: ${answer.text}`]),
      ...(step.body === undefined ? [] : differences(step.body, decoded(answer))),
    ];
    problems.push(...found.map((text) => `step ${position} (${step.note ?? ''}): ${text}`));
  }
  expect(problems).toEqual([]);
}
