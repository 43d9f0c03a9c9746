import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUserAuthentication } from '../../src/auth/authenticate-user.ts';
import { createAuthorization } from '../../src/auth/authorize.ts';
import { accessResources } from '../../src/context/access-resources.ts';
import { createMeshCache } from '../../src/context/mesh-cache.ts';
import { secretReader } from '../../src/context/secret-reader.ts';
import { createApi } from '../../src/http/app.ts';
import { KumulusError } from '../../src/model/errors.ts';
import type { Clock, Logger } from '../../src/model/ports.ts';
import { type TenantId, tenantId } from '../../src/model/tenant.ts';
import { resourceType, resourceTypes } from '../../src/policies/registry.ts';
import { openLocalMasterKey } from '../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Insights } from '../../src/store/insights.ts';
import type { Leases } from '../../src/store/leases.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { ensureTenant } from '../../src/tenancy/ensure-tenant.ts';
import { newSigningKey, type SigningKeySource } from '../../src/tokens/new-signing-key.ts';
import { createTokens } from '../../src/tokens/tokens.ts';

export interface ApiRequest {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it stands, as `application/json` unless the headers say otherwise. */
  readonly raw?: string;
  /** Sends the body without saying how long it is. */
  readonly chunked?: boolean;
  /** An undefined one is left out, be it one that would be sent otherwise. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The first of the fixture's unless told. */
  readonly tenant?: string;
  /** The address of the caller; the machine itself unless told. */
  readonly peer?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What the text is in JSON; undefined where it is none. */
  readonly body: unknown;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The whole API in process, on an embedded store of its own, with a clock that only moves when told. */
export interface ApiFixture {
  request(method: string, path: string, request?: ApiRequest): Promise<ApiAnswer>;
  /** Moves the clock, in milliseconds. */
  advance(milliseconds: number): void;
  /** The names of a list's items. */
  names(list: ApiAnswer): readonly string[];
  readonly tenant: TenantId;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly log: readonly LogLine[];
  close(): Promise<void>;
}

function headersOf({ body, raw, headers }: ApiRequest): Headers {
  const all = {
    accept: 'application/json',
    ...((body !== undefined || raw !== undefined) && { 'content-type': 'application/json' }),
    ...headers,
  };
  const given = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return new Headers(given);
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, at) =>
    bytes.slice(at * 1_000, (at + 1) * 1_000),
  );
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) {
        controller.close();
      } else {
        controller.enqueue(piece);
      }
    },
  });
}

function requestOf(method: string, path: string, request: ApiRequest): Request {
  const text = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const headers = headersOf(request);
  if (text !== undefined && request.chunked !== true) {
    headers.set('content-length', String(Buffer.byteLength(text)));
  }
  return new Request(`http://localhost:5681${path}`, {
    method,
    headers,
    ...(text !== undefined &&
      (request.chunked === true ? { body: streamOf(text), duplex: 'half' } : { body: Buffer.from(text) })),
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function createLog(): { readonly lines: LogLine[]; readonly logger: Logger } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, fields });
  return {
    lines,
    logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
  };
}

/** Keys take their time to make: a few are given out in turn, enough for two new tenants to have each their own. */
const pooledKeys = 6;
const pool: ReturnType<SigningKeySource>[] = [];
let given = 0;

const keyPool: SigningKeySource = () => {
  const position = given % pooledKeys;
  given += 1;
  const key = pool[position] ?? newSigningKey();
  pool[position] = key;
  return key;
};

export interface ApiFixtureOptions {
  /** The engine underneath; an embedded store of its own unless told. */
  openItems?(clock: Clock): ItemStore;
}

/** Makes the API with tenants that have all that a new tenant has. */
export async function createApiFixture(
  names: readonly [string, ...string[]],
  options: ApiFixtureOptions = {},
): Promise<ApiFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-api-'));
  let time = Date.parse('2026-01-01T00:00:00Z');
  const clock = () => time;
  let made = 0;
  const ids = () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
  const { lines, logger } = createLog();

  const items = options.openItems?.(clock) ?? createEmbeddedStore({ path: join(folder, 'store'), clock });
  const secretBox = createSecretBox({ master: await openLocalMasterKey(join(folder, 'key.json')), clock });
  const isSecret = (type: string) => resourceType(type)?.secret === true;
  const resources = createResourceStore({ items, secretBox, isSecret, clock, logger });
  const insights = createInsights({ items, clock });
  const leases = createLeases({ items, clock });
  const meshCache = createMeshCache({ store: resources });
  const tokens = createTokens({ secrets: secretReader(meshCache.read), clock, ids });
  const tenants = names.map((name) => tenantId(name));
  const signingKeys = keyPool;
  for (const tenant of tenants) {
    await ensureTenant(
      { resources, signingKeys, clock, ids, logger, zone: 'default', access: 'kuma' },
      tenant,
    );
  }

  const api = createApi({
    resources,
    insights,
    leases,
    meshCache,
    tokens,
    signingKeys,
    types: resourceTypes,
    tenantOf(context) {
      const tenant = tenants.find((each) => each === context.req.header('x-test-tenant'));
      if (tenant === undefined) {
        throw new KumulusError('not_found', 'there is no such tenant');
      }
      return tenant;
    },
    peerAddressOf: (context) => context.req.header('x-test-peer'),
    authenticate: createUserAuthentication({ tokens, localhostIsAdmin: true, logger }),
    authorize: createAuthorization(accessResources(meshCache.read)),
    clock,
    ids,
    logger,
    settings: {
      identity: { version: '2.13.10', hostname: 'test', instanceId: 'test-1', clusterId: ids() },
      zone: 'default',
      localhostIsAdmin: true,
      anonymousReads: true,
      deltaXds: false,
      dataplaneCleanupAge: '72h0m0s',
    },
  });

  return {
    tenant: tenants[0] ?? tenantId(names[0]),
    insights,
    leases,
    log: lines,
    async request(method, path, request = {}) {
      const sent = requestOf(method, path, request);
      sent.headers.set('x-test-tenant', request.tenant ?? names[0]);
      sent.headers.set('host', 'localhost:5681');
      sent.headers.set('x-test-peer', request.peer ?? '127.0.0.1');
      const answer = await api.fetch(sent);
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: jsonOrUndefined(text) };
    },
    advance(milliseconds) {
      time += milliseconds;
    },
    names(list) {
      const items: unknown = Object(list.body).items;
      return Array.isArray(items) ? items.map((item) => String(Object(item).name)) : [];
    },
    async close() {
      await items.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
