import type { ClusterDraft } from '../envoy/cluster.ts';
import type { ListenerDraft } from '../envoy/listener.ts';
import type { Conf } from '../match/conf.ts';
import type { InboundRules } from '../match/policies-of-type.ts';
import type { PolicyKind } from '../match/policy.ts';
import type { Protocol } from '../model/protocol.ts';

/** A listener that policies work on. Nothing else may tell one such listener from another. */
export interface ListenerTarget {
  readonly draft: ListenerDraft;
  readonly protocol: Protocol;
  readonly mesh: string;
}

/** A cluster that policies work on. */
export interface ClusterTarget {
  readonly draft: ClusterDraft;
  readonly protocol: Protocol;
}

/**
 * A change that a policy makes. What it does depends on nothing but its target and its data, so that equal data stands
 * for equal changes; resources are remembered by it.
 */
export interface Edit<Target> {
  /** JSON. */
  readonly data: unknown;
  apply(target: Target): void;
}

/** Makes an edit from data and from what is done with it. */
export function edit<Data, Target>(data: Data, apply: (target: Target, data: Data) => void): Edit<Target> {
  return { data, apply: (target) => apply(target, data) };
}

/** What a policy changes for one inbound or outbound; where it changes nothing, nothing is there. */
export interface Edits {
  readonly listener?: Edit<ListenerTarget>;
  readonly cluster?: Edit<ClusterTarget>;
}

/** How policies of one type become Envoy's configuration. */
export interface PolicyApply {
  readonly kind: PolicyKind;
  /** For an inbound. The rules are undefined where no policy of the type selects it. */
  readonly inbound?: (rules: InboundRules | undefined) => Edits;
  /** For an outbound to a service. The conf is undefined where no policy of the type says anything about it. */
  readonly outbound?: (conf: Conf | undefined) => Edits;
}
