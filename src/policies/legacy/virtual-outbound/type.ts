import { legacyPolicy } from '../common/legacy-policy.ts';
import { virtualOutboundSchema } from './schema.ts';
import { validateVirtualOutbound } from './validate.ts';

/** Kuma's `VirtualOutbound`. */
export const virtualOutboundType = legacyPolicy({
  name: 'VirtualOutbound',
  path: 'virtual-outbounds',
  singularDisplayName: 'Virtual Outbound',
  pluralDisplayName: 'Virtual Outbounds',
  schema: virtualOutboundSchema,
  validate: validateVirtualOutbound,
});
