import * as z from 'zod';
import { targetRefSchema } from '../common/target-ref.ts';

/** One operation of a JSON patch (RFC 6902) on the JSON of an Envoy resource. */
const jsonPatchSchema = z.object({
  op: z.enum(['add', 'remove', 'replace', 'move', 'copy']),
  path: z.string(),
  value: z.unknown().describe('What `add` and `replace` put there.').exactOptional(),
  from: z.string().describe('Where `move` and `copy` take it.').exactOptional(),
});

const origin = z
  .string()
  .describe('What made the resource: `inbound`, `outbound`, `transparent`, `prometheus`, … or a policy.')
  .exactOptional();
const name = z.string().exactOptional();
const tags = z
  .record(z.string(), z.string())
  .describe('In the metadata of the listener, under `io.kuma.tags`.')
  .exactOptional();

/** A resource of a snapshot: a cluster, a listener or a virtual host. */
const resourceOperation = z.enum(['Add', 'Remove', 'Patch']);
/** An element of an ordered list: a filter. */
const filterOperation = z.enum(['Remove', 'Patch', 'AddFirst', 'AddBefore', 'AddAfter', 'AddLast']);

const change = {
  value: z.string().describe('The Envoy resource to add or to merge in, as YAML or JSON.').exactOptional(),
  jsonPatches: z.array(jsonPatchSchema).exactOptional(),
};

const filterMatch = z
  .object({ origin, name, listenerName: z.string().exactOptional(), listenerTags: tags })
  .exactOptional();

const filterModification = z.object({ match: filterMatch, operation: filterOperation, ...change });

const modificationSchema = z.object({
  cluster: z
    .object({ match: z.object({ origin, name }).exactOptional(), operation: resourceOperation, ...change })
    .exactOptional(),
  listener: z
    .object({
      match: z.object({ origin, name, tags }).exactOptional(),
      operation: resourceOperation,
      ...change,
    })
    .exactOptional(),
  networkFilter: filterModification.exactOptional(),
  httpFilter: filterModification.exactOptional(),
  virtualHost: z
    .object({
      match: z.object({ origin, name, routeConfigurationName: z.string().exactOptional() }),
      operation: resourceOperation,
      ...change,
    })
    .exactOptional(),
});

/** Kuma's `MeshProxyPatch`. */
export const meshProxyPatchSchema = z.object({
  targetRef: targetRefSchema.describe('The proxies it is for; the whole mesh when absent.').exactOptional(),
  default: z.object({
    appendModifications: z.array(modificationSchema).exactOptional(),
  }),
});

export type MeshProxyPatchSpec = z.output<typeof meshProxyPatchSchema>;
export type Modification = z.output<typeof modificationSchema>;
export type ModificationKind = keyof Modification;
export type JsonPatch = z.output<typeof jsonPatchSchema>;
