import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { projectRoot } from '../../dp/project-root.ts';
import { outerAddress } from '../tools/outer-address.ts';
import type { Json } from './fuzz-document.ts';
import type { FuzzOptions } from './options.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Somebody who asks: from where, and with which credential. */
export interface Caller {
  readonly name: 'administrator' | 'anonymous' | 'operator';
  /** The address that the document's paths are below. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: Json;
}

/** A control plane that is up, and those who may ask it. */
export interface FuzzTarget {
  readonly callers: readonly Caller[];
  /** What it complained of: nothing, where all went well. */
  readonly complaints: readonly string[];
  stop(): Promise<void>;
}

const operatorToken = 'the-operator-of-the-fuzzed-control-plane';
const operator = { authorization: `Bearer ${operatorToken}` };
const environment = { KUMULUS_OPERATOR_TOKEN: operatorToken };
const readySchema = z.object({ api: z.string() });

/** Starts what `dist` has of it. */
export async function startFuzzTarget(engine: FuzzOptions['engine']): Promise<FuzzTarget> {
  const dist = join(projectRoot() ?? process.cwd(), 'dist', 'dev');
  return engine === 'embedded' ? startLocalServer(dist) : startLambda(dist);
}

/** Who asks from the machine itself is the administrator of the local server, and who asks from elsewhere is nobody. */
async function startLocalServer(dist: string): Promise<FuzzTarget> {
  const data = mkdtempSync(join(tmpdir(), 'kumulus-fuzz-'));
  const args = ['--api-port', '0', '--dp-port', '0', '--data', data, '--output', 'json'];
  const server = await startServerProcess([join(dist, 'main.js'), ...args], environment);
  const { api } = readySchema.parse(server.ready);
  const outer = outerAddress();
  const elsewhere = outer === undefined ? undefined : api.replace(/127\.0\.0\.1|localhost/, outer);
  const stop = async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  };
  return withCallers(server, stop, api, api, {}, elsewhere);
}

/** Behind the gateway nobody is on the machine itself: the administrator of a tenant shows a token. */
async function startLambda(dist: string): Promise<FuzzTarget> {
  const server = await startServerProcess([join(dist, 'fuzz', 'lambda-server.js')], environment);
  const { api } = readySchema.parse(server.ready);
  const quotas = {
    meshes: null,
    dataplanes: null,
    resources: null,
    requestsPerSecond: null,
    tokensPerSecond: null,
  };
  const made = await fetch(`${api}/tenants`, {
    method: 'POST',
    headers: { ...operator, 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'fuzzed', quotas, settings: { access: 'kuma' } }),
  });
  const { adminToken } = z.object({ adminToken: z.string() }).parse(await made.json());
  const headers = { authorization: `Bearer ${adminToken}` };
  const tenant = `${api}/tenants/fuzzed/api`;
  return withCallers(server, server.stop, api, tenant, headers, tenant);
}

/**
 * @param tenant where the tenant's API is.
 * @param elsewhere where it is for those who say nothing of themselves; undefined where there is no such place.
 */
async function withCallers(
  server: ServerProcess,
  stop: () => Promise<void>,
  api: string,
  tenant: string,
  headers: Caller['headers'],
  elsewhere: string | undefined,
): Promise<FuzzTarget> {
  const document = await readDocument(`${tenant}/openapi.json`, headers);
  const operators = await readDocument(`${api}/tenants/openapi.json`, operator);
  const callers: readonly Caller[] = [
    { name: 'administrator', url: tenant, headers, document },
    ...(elsewhere === undefined
      ? []
      : [{ name: 'anonymous', url: elsewhere, headers: {}, document } as const]),
    { name: 'operator', url: api, headers: operator, document: operators },
  ];
  return { callers, complaints: server.complaints, stop };
}

async function readDocument(url: string, headers: Caller['headers']): Promise<Json> {
  const answer = await fetch(url, { headers });
  return z.looseObject({ openapi: z.string() }).parse(await answer.json());
}
