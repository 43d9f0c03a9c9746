import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { projectRoot } from '../../dp/project-root.ts';
import { createTenant } from './tenant.ts';

const readySchema = z.object({
  event: z.literal('ready'),
  api: z.string(),
  dp: z.string(),
  ca: z.string(),
  diagnostics: z.string(),
});

/** Where a control plane listens, and the file of the authority that it is to be trusted by. */
export interface ControlPlaneAddress {
  readonly api: string;
  readonly dp: string;
  readonly ca: string;
}

/** A control plane as its callers see it. */
export interface ControlPlaneClient {
  readonly at: ControlPlaneAddress;
  readonly ca: Buffer;
  /** `host:port` of the data plane server. */
  readonly dpAddress: string;
  /** Calls the REST API; the answer's text where its status is 2xx, an error otherwise. */
  api(method: string, path: string, body?: unknown): Promise<string>;
  /** Calls the data plane server. */
  dp(method: string, path: string, body?: unknown): Promise<string>;
}

/** A local server in a process of its own, on a new data folder. */
export interface ControlPlane extends ControlPlaneClient {
  readonly pid: number;
  /** Where metrics and health are answered. */
  readonly diagnostics: string;
  stop(): Promise<void>;
}

const connections = 64;

function call(
  base: string,
  options: {
    readonly agent: HttpAgent;
    readonly ca?: Buffer;
    readonly headers?: Readonly<Record<string, string>>;
  },
  request: typeof httpRequest,
): ControlPlane['api'] {
  const send = async (method: string, path: string, body: unknown): Promise<IncomingMessage> => {
    const message = request(base + path, {
      method,
      ...options,
      headers: {
        accept: 'application/json',
        ...options.headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
    });
    message.end(body === undefined ? undefined : JSON.stringify(body));
    try {
      const [response] = await once(message, 'response');
      return response;
    } catch (error) {
      // The server may have closed an idle connection at the very moment in which it was used again.
      if (message.reusedSocket) {
        return send(method, path, body);
      }
      throw error;
    }
  };
  return async (method, path, body) => {
    const response = await send(method, path, body);
    response.setEncoding('utf8');
    let text = '';
    for await (const chunk of response) {
      text += chunk;
    }
    if (Math.floor((response.statusCode ?? 0) / 100) !== 2) {
      throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    }
    return text;
  };
}

async function ready(child: ChildProcess): Promise<z.infer<typeof readySchema>> {
  if (child.stdout === null) {
    throw new Error('the server has no output');
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const parsed = line.startsWith('{') ? readySchema.safeParse(JSON.parse(line)) : undefined;
    if (parsed?.success === true) {
      return parsed.data;
    }
  }
  throw new Error('the server ended before it was ready');
}

/**
 * Callers of a control plane that runs already.
 *
 * @param maxSockets how many connections there are to each port at the most.
 */
export function controlPlaneAt(at: ControlPlaneAddress, maxSockets = connections): ControlPlaneClient {
  const ca = readFileSync(at.ca);
  const agent = { keepAlive: true, maxSockets };
  return {
    at,
    ca,
    dpAddress: new URL(at.dp).host,
    api: call(at.api, { agent: new HttpAgent(agent) }, httpRequest),
    dp: call(at.dp, { agent: new HttpsAgent(agent), ca }, httpsRequest),
  };
}

/** Makes another tenant of a local server, without quotas; its callers are its administrator. */
export async function anotherTenant(plane: ControlPlaneClient, id: string): Promise<ControlPlaneClient> {
  const adminToken = await createTenant(plane.api, id);
  return {
    ...plane,
    api: call(
      `${plane.at.api}/tenants/${id}/api`,
      {
        agent: new HttpAgent({ keepAlive: true, maxSockets: connections }),
        headers: { authorization: `Bearer ${adminToken}` },
      },
      httpRequest,
    ),
  };
}

const scriptsSchema = z.object({ scripts: z.object({ start: z.string() }) });

/** What `npm start` tells Node: without it figures would be of another program. */
function startFlags(): readonly string[] {
  const text = readFileSync(join(projectRoot() ?? '.', 'package.json'), 'utf8');
  const { start } = scriptsSchema.parse(JSON.parse(text)).scripts;
  return start.split(' ').filter((word) => word.startsWith('--'));
}

/** Starts the local server that stands beside this program in `dist/dev`. */
export async function startControlPlane(main: string): Promise<ControlPlane> {
  const data = mkdtempSync(join(tmpdir(), 'kumulus-bench-'));
  const child = spawn(
    process.execPath,
    [
      ...[...startFlags(), main, '--api-port', '0', '--dp-port', '0', '--diagnostics-port', '0'],
      ...['--data', data, '--output', 'json'],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, KUMULUS_LOG_LEVEL: 'warn' },
    },
  );
  const at = await ready(child);
  child.stdout.resume();
  return {
    ...controlPlaneAt(at),
    pid: child.pid ?? 0,
    diagnostics: at.diagnostics,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
