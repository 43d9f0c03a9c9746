import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Child, Children } from './children.ts';

/** What the local server says when it is ready, with `--output json`. */
const readyEvent = z.object({
  event: z.literal('ready'),
  /** Such as `http://127.0.0.1:5681`. */
  api: z.string(),
  /** Where proxies connect, such as `https://localhost:5678`. */
  dp: z.string(),
  /** The file with the CA that they verify it by. */
  ca: z.string(),
});

/** A control plane that runs, and its API. */
export interface ControlPlane {
  readonly child: Child;
  readonly api: string;
  readonly dp: string;
  readonly ca: string;
  /** Puts a resource of Kuma's API under its path, such as `/meshes/default`. */
  put(path: string, resource: object): Promise<void>;
  remove(path: string): Promise<void>;
  /** The JSON of an answer with 200; undefined with 404. */
  get(path: string): Promise<unknown>;
  /** A token for Dataplanes of the mesh whose inbounds are all of this service. */
  token(mesh: string, service: string): Promise<string>;
}

/**
 * Starts a control plane and waits until it is ready.
 *
 * @throws Error where it ends before, or takes longer than half a minute.
 */
export async function startControlPlane(
  children: Children,
  command: { readonly program: string; readonly args: readonly string[] },
): Promise<ControlPlane> {
  const child = children.start({ name: 'control-plane', ...command });
  const ready = await Promise.race([
    new Promise<z.output<typeof readyEvent>>((resolve) => {
      child.onLine((line) => {
        const event = parseReady(line);
        if (event !== undefined) resolve(event);
      });
    }),
    child.ended.then((code) => {
      throw new Error(`the control plane ended with code ${code} before it was ready`);
    }),
    sleep(30_000, undefined, { ref: false }).then(() => {
      throw new Error('the control plane was not ready after 30 seconds');
    }),
  ]);
  return { child, ...ready, ...createApi(ready.api) };
}

function parseReady(line: string): z.output<typeof readyEvent> | undefined {
  try {
    return readyEvent.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function createApi(api: string): Pick<ControlPlane, 'put' | 'remove' | 'get' | 'token'> {
  const call = async (method: string, path: string, body?: object): Promise<Response> => {
    const answer = await fetch(`${api}${path}`, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!answer.ok && answer.status !== 404) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    }
    return answer;
  };
  const done = async (method: string, path: string, body?: object): Promise<string> => {
    const answer = await call(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text;
  };
  return {
    put: async (path, resource) => void (await done('PUT', path, resource)),
    remove: async (path) => void (await done('DELETE', path)),
    async get(path) {
      const answer = await call('GET', path);
      return answer.ok ? answer.json() : undefined;
    },
    token: (mesh, service) =>
      done('POST', '/tokens/dataplane', {
        mesh,
        tags: { 'kuma.io/service': [service] },
        validFor: '24h',
      }),
  };
}
