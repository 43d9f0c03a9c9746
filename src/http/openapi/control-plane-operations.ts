import { anyObject, flag, listOf, object, ok, text } from './fields.ts';
import type { JsonSchema, Operation } from './operation.ts';

const tag = 'control plane';

const type: Readonly<Record<string, JsonSchema>> = {
  name: text,
  path: text,
  singularDisplayName: text,
  pluralDisplayName: text,
  readOnly: flag,
};

const policy = object({
  ...type,
  isExperimental: flag,
  isTargetRefBased: flag,
  isInbound: flag,
  isOutbound: flag,
});

const resourceType = object({
  ...type,
  shortName: text,
  scope: { enum: ['Global', 'Mesh'] },
  includeInFederation: flag,
  'policy?': object({
    hasFromTargetRef: flag,
    hasToTargetRef: flag,
    isFromAsRules: flag,
    isTargetRef: flag,
  }),
});

const typed = object({ type: text });

const configuration = object({
  mode: text,
  environment: text,
  store: typed,
  defaults: object({ skipMeshCreation: flag }),
  apiServer: object({
    readOnly: flag,
    auth: object({ clientCertsDir: text }),
    authn: object({ type: text, localhostIsAdmin: flag }),
  }),
  dpServer: object({
    authn: object({ dpProxy: typed, zoneProxy: typed, enableReloadableTokens: flag }),
  }),
  experimental: object({ deltaXds: flag }),
  multizone: object({ zone: object({ name: text }) }),
  runtime: object({ universal: object({ dataplaneCleanupAge: text }) }),
  xdsServer: object({ dataplaneConfigurationRefreshInterval: text }),
});

/** What is said of the endpoints by which the control plane tells of itself. */
export const controlPlaneOperations: Readonly<Record<string, Operation>> = {
  'GET /': {
    tag,
    summary: 'What this is',
    answers: ok(
      'Product, version and ids.',
      object({
        product: text,
        version: text,
        hostname: text,
        instanceId: text,
        clusterId: text,
        gui: text,
      }),
    ),
  },
  'GET /config': { tag, summary: 'The settings in force', answers: ok('As Kuma names them.', configuration) },
  'GET /who-am-i': {
    tag,
    summary: 'Who the caller is',
    answers: ok('Name and groups.', object({ name: text, groups: listOf(text) })),
  },
  'GET /policies': {
    tag,
    summary: 'Types of policies',
    answers: ok('By name.', object({ policies: listOf(policy) })),
  },
  'GET /_resources': {
    tag,
    summary: 'Types of resources',
    answers: ok('By name.', object({ resources: listOf(resourceType) })),
  },
  'GET /openapi.json': { tag, summary: 'This document', answers: ok('OpenAPI 3.1.', anyObject) },
  'GET /docs': {
    tag,
    summary: 'This document, to be read',
    answers: { 200: { description: 'A page.', schema: text, mediaType: 'text/html' } },
  },
};
