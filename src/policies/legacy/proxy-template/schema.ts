import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { selectors } from '../../../model/selectors.ts';

/** What every kind of modification does: which resources it looks at is up to its match. */
const change = {
  operation: proto.string(),
  value: proto.string().describe('A resource of Envoy, or a part of one, in YAML or JSON.'),
};
/** What every kind of resource can be told apart by. */
const identity = { origin: proto.string(), name: proto.string() };

const filterMatchSchema = proto.message({
  ...identity,
  listenerName: proto.string(),
  listenerTags: proto.map(),
});

const modificationSchema = proto.message(
  {
    cluster: proto.optional(proto.message({ match: proto.optional(proto.message(identity)), ...change })),
    listener: proto.optional(
      proto.message({ match: proto.optional(proto.message({ ...identity, tags: proto.map() })), ...change }),
    ),
    networkFilter: proto.optional(proto.message({ match: proto.optional(filterMatchSchema), ...change })),
    httpFilter: proto.optional(proto.message({ match: proto.optional(filterMatchSchema), ...change })),
    virtualHost: proto.optional(
      proto.message({
        match: proto.optional(proto.message({ ...identity, routeConfigurationName: proto.string() })),
        ...change,
      }),
    ),
  },
  ['cluster', 'listener', 'networkFilter', 'httpFilter', 'virtualHost'],
);

/** Kuma's `ProxyTemplate` (`api/mesh/v1alpha1/proxy_template.proto`): changes to what proxies are sent. */
export const proxyTemplateSchema = proto.message({
  selectors: selectors(),
  conf: proto.optional(
    proto.message({
      imports: proto.strings(),
      resources: proto.repeated(
        proto.message({
          name: proto.string(),
          version: proto.string(),
          resource: proto.string().describe('A resource of Envoy in YAML or JSON, with an @type.'),
        }),
      ),
      modifications: proto.repeated(modificationSchema),
    }),
  ),
});

export type ProxyTemplateSpec = z.output<typeof proxyTemplateSchema>;
export type Modification = z.output<typeof modificationSchema>;
