import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from './control-plane.ts';
import { askControlPlane } from './evidence.ts';
import type { Terminal } from './terminal.ts';
import { type Visit, visit } from './visits.ts';

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
  const counters = createCounters();
  const say = createChangeReporter(terminal);
  while (!signal.aborted) {
    const result = await visit(parts.backendPort);
    const states = await proxyStates(parts.controlPlane, parts.proxies);
    if (signal.aborted) return;
    const now = counters.after(result);
    if (now !== undefined) say('visits are counted by', now, result.ok);
    if (states !== '') say('the control plane sees', states, !states.includes('offline'));
    await sleep(interval, undefined, { signal }).catch(() => undefined);
  }
}

/** Says something only where it is not what was said before. */
function createChangeReporter(terminal: Terminal) {
  const said = new Map<string, string>();
  return (subject: string, state: string, good: boolean) => {
    if (said.get(subject) === state) return;
    said.set(subject, state);
    terminal.event(`${subject} ${state}`, good ? 'good' : 'bad');
  };
}

/** Keeps who counted the last visits: a failure tells at once, but who counts only after a while. */
function createCounters() {
  const recent: string[] = [];
  return {
    after(result: Visit): string | undefined {
      if (!result.ok) {
        recent.length = 0;
        return `nobody: ${result.reason}`;
      }
      recent.push(result.countedBy);
      if (recent.length > memory) recent.shift();
      return recent.length < memory ? undefined : [...new Set(recent)].sort().join(' and ');
    },
  };
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
