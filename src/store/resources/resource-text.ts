import { KumulusError } from '../../model/errors.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';
import { SecretValue } from '../../model/secret-value.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { ResourceDraft } from '../resource-store.ts';
import type { SecretBox } from '../secret-box.ts';

/*
 * A resource is written as one JSON text, the same in its item, in the log and in a snapshot. A secret's has `sealed`
 * instead of `spec`.
 */

/** What {@link ResourceTexts} are made with. */
export interface ResourceTextDeps {
  readonly secretBox: SecretBox;
  /** Whether resources of the type are sealed; their spec is `{ data: SecretValue }`. */
  isSecret(type: string): boolean;
}

/** The metadata of a stored resource, as a writer needs it of the one that is there. */
export interface StoredResource extends ResourceKey {
  readonly creationTime: string;
  readonly version: number;
  /** All of it. */
  readonly text: string;
}

/** A draft of which all but version and times is already text. */
export interface EncodedDraft {
  readonly draft: ResourceDraft;
  /** The members before the times, and those after the version. */
  readonly before: string;
  readonly after: string;
  /** What the text will have, at most, in bytes. */
  readonly bytes: number;
}

/** Turns resources into texts and back. */
export interface ResourceTexts {
  encodeDraft(tenant: TenantId, draft: ResourceDraft): Promise<EncodedDraft>;
  decode(tenant: TenantId, text: string): Promise<Resource>;
  /** Decodes what was parsed already, as a part of a log entry. */
  revive(tenant: TenantId, value: unknown): Promise<Resource>;
  /** Tells of what will be {@link revive revived}: what it takes to open it is fetched meanwhile. */
  expect(tenant: TenantId, values: readonly object[]): void;
}

/** Room for times, version and the names of the members. */
const overhead = 200;

/** Creates the codec of resources. */
export function createResourceTexts({ secretBox, isSecret }: ResourceTextDeps): ResourceTexts {
  async function encodeSpec(tenant: TenantId, draft: ResourceDraft): Promise<string> {
    if (!isSecret(draft.type)) {
      return `"spec":${JSON.stringify(draft.spec ?? {})}`;
    }
    return `"sealed":${JSON.stringify(await secretBox.seal(tenant, secretText(draft)))}`;
  }

  async function revive(tenant: TenantId, value: unknown): Promise<Resource> {
    const stored = value as Resource & { readonly sealed?: string };
    if (stored.sealed === undefined) {
      return stored;
    }
    const { sealed, ...resource } = stored;
    return { ...resource, spec: { data: new SecretValue(await secretBox.open(tenant, sealed)) } };
  }

  return {
    async encodeDraft(tenant, draft) {
      const { type, mesh, name, labels } = draft;
      const before = JSON.stringify({ type, mesh, name, labels }).slice(0, -1);
      const after = await encodeSpec(tenant, draft);
      return {
        draft,
        before,
        after,
        bytes: Buffer.byteLength(before) + Buffer.byteLength(after) + overhead,
      };
    },
    decode: (tenant, text) => revive(tenant, JSON.parse(text)),
    revive,
    expect(tenant, values) {
      const sealed = values.find((value) => 'sealed' in value);
      if (sealed !== undefined) {
        // Why it cannot be opened is told to whom it is opened for.
        revive(tenant, sealed).catch(() => undefined);
      }
    },
  };
}

/** The text of a resource, with what the store adds to a draft. */
export function resourceText(
  encoded: EncodedDraft,
  stamp: Pick<Resource, 'creationTime' | 'modificationTime' | 'version'>,
): string {
  const { creationTime, modificationTime, version } = stamp;
  return `${encoded.before},${JSON.stringify({ creationTime, modificationTime, version }).slice(1, -1)},${encoded.after}}`;
}

/** Reads the metadata, without opening what is sealed. */
export function storedResource(text: string): StoredResource {
  const { type, mesh, name, creationTime, version } = JSON.parse(text) as StoredResource;
  return { type, mesh, name, creationTime, version, text };
}

function secretText({ type, name, spec }: ResourceDraft): string {
  const data = typeof spec === 'object' && spec !== null && 'data' in spec ? spec.data : undefined;
  if (!(data instanceof SecretValue)) {
    throw new KumulusError('internal', `the spec of ${type} ${name} must be { data: SecretValue }`);
  }
  return data.reveal();
}
