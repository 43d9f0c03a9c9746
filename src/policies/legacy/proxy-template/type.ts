import { legacyPolicy } from '../common/legacy-policy.ts';
import { proxyTemplateSchema } from './schema.ts';
import { validateProxyTemplate } from './validate.ts';

/** Kuma's `ProxyTemplate`. */
export const proxyTemplateType = legacyPolicy({
  name: 'ProxyTemplate',
  path: 'proxytemplates',
  singularDisplayName: 'Proxy Template',
  pluralDisplayName: 'Proxy Templates',
  schema: proxyTemplateSchema,
  validate: validateProxyTemplate,
});
