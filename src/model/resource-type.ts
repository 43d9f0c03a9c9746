import type { ZodType } from 'zod';
import type { Scope } from './resource.ts';
import type { Violations } from './violations.ts';

/** What validation may look at beside the spec itself. */
export interface ValidationContext {
  readonly mesh: string;
  readonly name: string;
  /** Those that will be stored; none while a document is read. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What the control plane knows when it stores a resource. */
export interface PrepareContext {
  /** The control plane's zone. */
  readonly zone: string;
  /** False where the resource is there already. */
  readonly creating: boolean;
}

/** What makes a type a policy, as `/policies` and `/_resources` of Kuma's API tell it. */
export interface PolicyTraits {
  readonly isTargetRef: boolean;
  readonly hasTo: boolean;
  readonly hasFrom: boolean;
  readonly hasRules: boolean;
  readonly isFromAsRules: boolean;
}

/** The part of a document that the control plane computes: users read it, and what they send of it is checked and forgotten. */
export interface StatusTraits {
  /** What a document that is sent may have there. */
  readonly schema: ZodType;
  /** What a document shows of which nothing has been computed. */
  readonly initial: Readonly<Record<string, unknown>>;
}

/**
 * All that Kumulus knows of one type of resource. The one zod schema is the source of its validation of shapes, its
 * TypeScript type and its OpenAPI document.
 */
export interface ResourceType<Spec = unknown> {
  /** Kuma's name, such as `MeshTimeout`. */
  readonly name: string;
  readonly scope: Scope;
  /** The collection's path, such as `meshtimeouts`. */
  readonly path: string;
  readonly singularDisplayName: string;
  readonly pluralDisplayName: string;
  /** What `kumactl` and KRIs call it, such as `mt`; empty where Kuma has none. */
  readonly shortName: string;
  /** Written by the control plane alone; users read it. */
  readonly readOnly: boolean;
  /** Kuma's older types keep their fields at the top of the document, the newer ones under `spec`. */
  readonly layout: 'flat' | 'spec';
  /** Its spec is encrypted in the table and never printed. */
  readonly secret: boolean;
  /** Left out of `/_resources`, which clients of Kuma's walk: the type is not one of Kuma's. */
  readonly unlisted?: boolean;
  readonly includeInFederation: boolean;
  /** Made in a zone, so that it carries labels of origin, zone and environment; unlike a Mesh. */
  readonly providedByZone: boolean;
  readonly policy?: PolicyTraits;
  readonly schema: ZodType<Spec>;
  /** Absent where documents have no status. */
  readonly status?: StatusTraits;
  /** The longest display name that is stored, in bytes; any that is good for a resource where absent. */
  readonly maxDisplayNameLength?: number;
  /** Rules beyond the schema, in the reference's words; paths start inside the spec (`networking.…`, or `spec.…` for the newer types). */
  validate(spec: Spec, context: ValidationContext): Violations;
  /** What the control plane fills in or overwrites before it stores a spec. The spec itself where there is nothing. */
  prepare?(spec: Spec, context: PrepareContext): Spec;
  /** Rules for the step from the stored version to the next; without a previous version, for a new resource. */
  validateChange?(name: string, previous: Spec | undefined, next: Spec): Violations;
  /** What a writer should know of settings and names that go away, in the reference's words. */
  deprecations?(spec: Spec, displayName: string): readonly string[];
  /** The value of the label `kuma.io/proxy-type`, of the types that are proxies. */
  proxyType?(spec: Spec): string;
}
