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

/** Finds the edits for what is said about an inbound or outbound, by type of policy. */
export type EditSource<Said> = (policies: Readonly<Record<string, Said>>) => AllEdits;

interface KeyedEdit<Target> {
  readonly key: string;
  readonly edit: Edit<Target> | undefined;
}

interface KeyedEdits {
  readonly listener: KeyedEdit<ListenerTarget>;
  readonly cluster: KeyedEdit<ClusterTarget>;
}

/**
 * Turns what policies say into edits. What the matcher hands out as one object is looked at once, however many proxies
 * it goes for; the edits of one such object are always the same object.
 */
export function editSource<Said extends object>(
  policies: readonly PolicyApply[],
  edits: (policy: PolicyApply, said: Said | undefined) => Edits | undefined,
): EditSource<Said> {
  const known = new WeakMap<Readonly<Record<string, Said>>, AllEdits>();
  const sources = policies.map((policy) => policySource(policy, edits));
  return (saidByType) => {
    let all = known.get(saidByType);
    if (all === undefined) {
      const found = sources.map((source) => source(saidByType));
      all = {
        listener: list(found.map(({ listener }) => listener)),
        cluster: list(found.map(({ cluster }) => cluster)),
      };
      known.set(saidByType, all);
    }
    return all;
  };
}

function policySource<Said extends object>(
  policy: PolicyApply,
  edits: (policy: PolicyApply, said: Said | undefined) => Edits | undefined,
): (saidByType: Readonly<Record<string, Said>>) => KeyedEdits {
  const type = policy.kind.name;
  const make = (said: Said | undefined): KeyedEdits => {
    const { listener, cluster } = edits(policy, said) ?? {};
    return { listener: keyed(type, listener), cluster: keyed(type, cluster) };
  };
  const known = new WeakMap<Said, KeyedEdits>();
  const unsaid = make(undefined);
  return (saidByType) => {
    const said = saidByType[type];
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
}

function keyed<Target>(type: string, edit: Edit<Target> | undefined): KeyedEdit<Target> {
  return { key: edit === undefined ? '' : `${type} ${JSON.stringify(edit.data)}`, edit };
}

function list<Target>(all: readonly KeyedEdit<Target>[]): EditList<Target> {
  return {
    key: digest(all.map(({ key }) => key).join('\n')),
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
