import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from './control-plane.ts';
import { askControlPlane } from './evidence.ts';
import type { Terminal } from './terminal.ts';
import { visit } from './visits.ts';

/** How often the backend is visited, in milliseconds. */
const interval = 200;
/** An instance that counted none of so many visits does not take part any more. */
const memory = 12;

/**
 * Visits the backend again and again and says when something changes: who counts the visits, that nobody does, and which
 * proxies the control plane knows to be online. Ends when the signal is aborted.
 */
export async function watch(parts: {
  readonly backendPort: number;
  readonly controlPlane: ControlPlane;
  readonly proxies: readonly string[];
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { terminal, signal } = parts;
  const recent: (string | undefined)[] = [];
  let counters = '';
  let states = '';
  while (!signal.aborted) {
    const result = await visit(parts.backendPort);
    if (signal.aborted) return;
    recent.push(result.ok ? result.countedBy : undefined);
    if (recent.length > memory) recent.shift();
    // A failure tells at once; a counter is out only when it did not count for a while.
    const now = result.ok ? counting(recent) : `nobody: ${result.reason}`;
    if (now !== counters && (recent.length >= memory || !result.ok)) {
      terminal.event(`visits are counted by ${now}`, result.ok ? 'good' : 'bad');
      counters = now;
    }
    if (!result.ok) recent.length = 0;
    const seen = await proxyStates(parts.controlPlane, parts.proxies);
    if (seen !== states && seen !== '') {
      terminal.event(`the control plane sees ${seen}`, seen.includes('offline') ? 'bad' : 'good');
      states = seen;
    }
    await sleep(interval, undefined, { signal }).catch(() => undefined);
  }
}

function counting(recent: readonly (string | undefined)[]): string {
  return [...new Set(recent.filter((name) => name !== undefined))].sort().join(' and ');
}

async function proxyStates(controlPlane: ControlPlane, names: readonly string[]): Promise<string> {
  const states = await Promise.all(
    names.map(async (name) => {
      const known = await askControlPlane(controlPlane, name).catch(() => undefined);
      return known === undefined ? [] : [`${name} ${known.online ? 'online' : 'offline'}`];
    }),
  );
  return states.flat().join(', ');
}
