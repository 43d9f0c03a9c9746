import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentification } from '../../src/auth/identify.ts';
import { createOperatorAuthentication, operatorTokenHash } from '../../src/auth/operator.ts';
import { accessStates } from '../../src/context/access-state.ts';
import { createMeshCache } from '../../src/context/mesh-cache.ts';
import { secretReader } from '../../src/context/secret-reader.ts';
import { createHistory } from '../../src/events/history.ts';
import { createInProcessBus, type InProcessBus } from '../../src/events/in-process-bus.ts';
import { apiRoutes } from '../../src/http/api-routes.ts';
import { type ApiDeps, createApi } from '../../src/http/app.ts';
import type { Route } from '../../src/http/routing.ts';
import { createTenantFront } from '../../src/http/tenancy/front.ts';
import type { Clock, Logger } from '../../src/model/ports.ts';
import { type TenantId, tenantId } from '../../src/model/tenant.ts';
import { resourceType, resourceTypes } from '../../src/policies/registry.ts';
import { openLocalMasterKey } from '../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { createIdempotencyKeys } from '../../src/store/create-idempotency-keys.ts';
import { createInsights } from '../../src/store/create-insights.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createPropagation } from '../../src/store/create-propagation.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Insights } from '../../src/store/insights.ts';
import type { Leases } from '../../src/store/leases.ts';
import type { ItemStore } from '../../src/store/port.ts';
import type { Propagation } from '../../src/store/propagation.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { createTokenBuckets } from '../../src/tenancy/quotas/token-buckets.ts';
import { noQuotas } from '../../src/tenancy/tenant-record.ts';
import { auditRetention, openTenantTable } from '../../src/tenancy/tenant-table.ts';
import type { Tenants } from '../../src/tenancy/tenants.ts';
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
  /** The first of the fixture's unless told; undefined where there is a {@link host}. */
  readonly tenant?: string;
  /** Addresses a tenant as callers do, by the name below {@link baseDomain} or by the path. */
  readonly host?: string;
  /** Ends the request, as a caller does who goes away. */
  readonly signal?: AbortSignal;
  /** Leaves the body of the answer unread, as of a stream that does not end. */
  readonly leaveBody?: boolean;
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
  /** The answer before its body is read, for those that go on. */
  send(method: string, path: string, request?: ApiRequest): Promise<Response>;
  /** What the clock says, in milliseconds since 1970. */
  now(): number;
  /** Moves the clock, in milliseconds. */
  advance(milliseconds: number): void;
  /** The names of a list's items. */
  names(list: ApiAnswer): readonly string[];
  readonly tenant: TenantId;
  /** The life cycle of tenants. */
  readonly tenants: Tenants;
  /** The tokens of the tenants' administrators, by tenant. */
  readonly adminTokens: ReadonlyMap<string, string>;
  /** All endpoints that a tenant's API has, and all that the operator's has. */
  readonly routes: readonly Route[];
  readonly operatorRoutes: readonly Route[];
  /** The table itself. */
  readonly table: ItemStore;
  readonly insights: Insights;
  readonly propagation: Propagation;
  readonly leases: Leases;
  readonly resources: ResourceStore;
  readonly events: InProcessBus;
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
    ...(request.signal !== undefined && { signal: request.signal }),
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

/** The domain that the fixture's tenants are below. */
export const baseDomain = 'kumulus.test';
/** The token of the fixture's operator. */
export const operatorToken = 'the-operator-of-the-fixture';
/** How long a deletion waits before its last look, in milliseconds. */
export const quarantineMs = 30_000;

export interface ApiFixtureOptions {
  /** The engine underneath; an embedded store of its own unless told. */
  openItems?(clock: Clock): ItemStore;
  /** Where keys come from; a pool that gives each of two tenants keys of its own unless told. */
  readonly signingKeys?: SigningKeySource;
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

  const table = options.openItems?.(clock) ?? createEmbeddedStore({ path: join(folder, 'store'), clock });
  const tenantTable = openTenantTable(table, clock);
  const { items, quotasOf } = tenantTable;
  const secretBox = createSecretBox({ master: await openLocalMasterKey(join(folder, 'key.json')), clock });
  const isSecret = (type: string) => resourceType(type)?.secret === true;
  const events = createInProcessBus(logger);
  const retentionDays = auditRetention(tenantTable.lookup);
  // Events are there when a request is answered, so that tests need not wait for them.
  const history = createHistory({
    items,
    clock,
    ids: randomUUID,
    logger,
    retentionDays,
    incarnationOf: tenantTable.incarnationOf,
    bus: events,
    waits: true,
  });
  const { trail, audit } = history;
  const idempotency = createIdempotencyKeys({ items, secretBox, clock, logger });
  const resources = createResourceStore({ items, secretBox, isSecret, clock, logger, trail, quotasOf });
  const insights = createInsights({ items, clock });
  const propagation = createPropagation({ items, clock });
  const leases = createLeases({ items, clock });
  const meshCache = createMeshCache({ store: resources });
  const tokens = createTokens({ secrets: secretReader(meshCache.read), clock, ids });
  const signingKeys = options.signingKeys ?? keyPool;
  const front = createTenantFront({
    tenants: tenantTable,
    tokens,
    ensure: { resources, signingKeys, zone: 'default' },
    rates: createTokenBuckets(clock),
    authenticateOperator: createOperatorAuthentication({
      tokenHash: operatorTokenHash({ KUMULUS_OPERATOR_TOKEN: operatorToken }),
      localhostIsOperator: false,
    }),
    peerAddressOf: (context) => context.req.header('x-test-peer'),
    trail,
    idempotency,
    baseDomain,
    defaultTenant: undefined,
    quarantineMs,
    clock,
    ids,
    logger,
  });
  const { tenancy, operator, lifeCycle: tenants } = front;
  const adminTokens = new Map<string, string>();
  for (const name of names) {
    const settings = { access: 'kuma', auditRetentionDays: 90 } as const;
    const { adminToken = '' } = await tenants.create(tenantId(name), { quotas: noQuotas, settings });
    adminTokens.set(name, adminToken);
  }

  const deps: ApiDeps = {
    resources,
    insights,
    propagation,
    leases,
    meshCache,
    tokens,
    trail,
    audit,
    idempotency,
    events,
    signingKeys,
    types: resourceTypes,
    tenancy: {
      ...tenancy,
      addressing(request) {
        const tenant = request.headers.get('x-test-tenant');
        const address = tenancy.addressing(request);
        return tenant === null ? address : { kind: 'tenant', tenant: tenantId(tenant), path: address.path };
      },
    },
    operator,
    peerAddressOf: (context) => context.req.header('x-test-peer'),
    identify: createIdentification({
      read: accessStates(meshCache.read),
      tokens,
      localhostIsAdmin: true,
      logger,
    }),
    clock,
    ids,
    logger,
    settings: {
      identity: { version: '2.13.10', hostname: 'test', instanceId: 'test-1', clusterId: ids() },
      zone: 'default',
      localhostIsAdmin: true,
      anonymousReads: true,
      othersWrite: false,
      deltaXds: false,
      dataplaneCleanupAge: '72h0m0s',
    },
  };
  const api = createApi(deps);

  const send: ApiFixture['send'] = async (method, path, request = {}) => {
    const sent = requestOf(method, path, request);
    if (request.host === undefined) {
      sent.headers.set('x-test-tenant', request.tenant ?? names[0]);
    }
    sent.headers.set('host', request.host ?? 'localhost:5681');
    sent.headers.set('x-test-peer', request.peer ?? '127.0.0.1');
    return api.fetch(sent);
  };

  return {
    tenant: tenantId(names[0]),
    tenants,
    adminTokens,
    routes: apiRoutes(deps),
    operatorRoutes: operator.routes,
    table,
    insights,
    propagation,
    leases,
    resources,
    events,
    log: lines,
    send,
    async request(method, path, request = {}) {
      const answer = await send(method, path, request);
      const text = request.leaveBody === true ? '' : await answer.text();
      if (request.leaveBody === true) {
        await answer.body?.cancel();
      }
      return { status: answer.status, headers: answer.headers, text, body: jsonOrUndefined(text) };
    },
    now: clock,
    advance(milliseconds) {
      time += milliseconds;
    },
    names(list) {
      const items: unknown = Object(list.body).items;
      return Array.isArray(items) ? items.map((item) => String(Object(item).name)) : [];
    },
    async close() {
      await table.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
