import { createHash } from 'node:crypto';
import type { ClusterTarget, Edit, Edits, ListenerTarget, PolicyApply } from './policy.ts';

/** Edits in the order in which they are applied, and a text that stands for all that they do. */
export interface EditList<Target> {
  readonly key: string;
  apply(target: Target): void;
}

/** What all policies change for one inbound or outbound. */
export interface AllEdits {
  readonly listener: EditList<ListenerTarget>;
  readonly cluster: EditList<ClusterTarget>;
}

/** Finds the edits for what the plan says about an inbound or outbound, by type. */
export interface EditSource<Said> {
  editsFor(policies: Readonly<Record<string, Said>>): AllEdits;
}

interface Keyed<Target> {
  readonly key: string;
  readonly edit: Edit<Target> | undefined;
}

interface KeyedEdits {
  readonly listener: Keyed<ListenerTarget>;
  readonly cluster: Keyed<ClusterTarget>;
}

/**
 * Turns what policies say into edits. What one policy says is looked at once, however many proxies it goes for, as long
 * as the matcher hands out the same object.
 */
export function editSource<Said extends object>(
  policies: readonly PolicyApply[],
  edits: (policy: PolicyApply, said: Said | undefined) => Edits | undefined,
): EditSource<Said> {
  const sources = policies.map((policy) => {
    const known = new WeakMap<Said, KeyedEdits>();
    const make = (said: Said | undefined) => keyed(policy.kind.name, edits(policy, said) ?? {});
    const unsaid = make(undefined);
    return (saidByType: Readonly<Record<string, Said>>): KeyedEdits => {
      const said = saidByType[policy.kind.name];
      if (said === undefined) {
        return unsaid;
      }
      let found = known.get(said);
      if (found === undefined) {
        found = make(said);
        known.set(said, found);
      }
      return found;
    };
  });
  return {
    editsFor(saidByType) {
      const found = sources.map((source) => source(saidByType));
      return {
        listener: list(found.map(({ listener }) => listener)),
        cluster: list(found.map(({ cluster }) => cluster)),
      };
    },
  };
}

function keyed(type: string, { listener, cluster }: Edits): KeyedEdits {
  return { listener: keyedEdit(type, listener), cluster: keyedEdit(type, cluster) };
}

function keyedEdit<Target>(type: string, edit: Edit<Target> | undefined): Keyed<Target> {
  return { key: edit === undefined ? '' : digest(`${type} ${JSON.stringify(edit.data)}`), edit };
}

function list<Target>(all: readonly Keyed<Target>[]): EditList<Target> {
  return {
    key: all.map(({ key }) => key).join(),
    apply(target) {
      for (const { edit } of all) {
        edit?.apply(target);
      }
    },
  };
}

/** A short text that stands for a long one: 128 bits of SHA-256. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
