import type * as z from 'zod';
import { isHostName, isIpAddress, splitAddress } from '../addresses.ts';
import * as proto from '../proto-json.ts';
import { validateProtocolTag } from '../protocol-tag.ts';
import type { ResourceType } from '../resource-type.ts';
import { validatePort } from '../rules.ts';
import { serviceTag, validateTags } from '../tags.ts';
import { field, key, Violations } from '../violations.ts';
import { dataSourceSchema, validateOptionalDataSource } from './data-source.ts';

/** How proxies speak TLS to the service, where it is enabled. */
const tlsSchema = proto.message({
  enabled: proto.bool(),
  caCert: proto.optional(dataSourceSchema),
  clientCert: proto.optional(dataSourceSchema),
  clientKey: proto.optional(dataSourceSchema),
  allowRenegotiation: proto.boolValue(),
  serverName: proto.presentString().describe('The host of the address when absent.'),
  skipHostnameVerification: proto.boolValue(),
});

/** Kuma's `ExternalService` (`api/mesh/v1alpha1/externalservice.proto`): a service outside of the mesh. */
export const externalServiceSchema = proto.message({
  networking: proto.optional(
    proto.message({
      address: proto.string().describe('HOST:PORT.'),
      tls: proto.optional(tlsSchema),
      disableHostDNSEntry: proto.bool(),
    }),
  ),
  tags: proto.map(),
});

export type ExternalServiceSpec = z.output<typeof externalServiceSchema>;

/** Kuma's rules for an ExternalService. */
export function validateExternalService({ networking, tags = {} }: ExternalServiceSpec): Violations {
  const violations = new Violations();
  if (networking === undefined) {
    violations.add('networking', 'should have networking');
  } else {
    validateAddress(violations, 'networking.address', networking.address);
  }
  const { tls } = networking ?? {};
  if (tls?.serverName === '') {
    violations.add('networking.tls.serverName', 'cannot be empty');
  }
  for (const name of ['caCert', 'clientCert', 'clientKey'] as const) {
    validateOptionalDataSource(violations, field('networking.tls', name), tls?.[name]);
  }
  validateTags(violations, 'tags', tags, { requireService: true, extra: validateProtocolTag });
  const service = tags[serviceTag] ?? '';
  if (service !== '' && service === splitAddress(networking?.address ?? '')?.host) {
    violations.add(key('tags', serviceTag), 'cannot be the same as networking.address');
  }
  return violations;
}

const maxUint32 = 0xffff_ffff;

function validateAddress(violations: Violations, path: string, address: string | undefined): void {
  if (address === undefined) {
    violations.add(path, "address can't be empty");
    return;
  }
  const parts = splitAddress(address);
  if (parts === undefined) {
    violations.add(path, 'unable to parse address');
  }
  const { host, port } = parts ?? { host: '', port: '' };
  if (!isIpAddress(host) && !isHostName(host)) {
    violations.add(path, 'address has to be a valid IP address or a domain name');
  }
  const number = /^\d+$/.test(port) ? Number(port) : undefined;
  if (number === undefined || number > maxUint32) {
    violations.add(path, 'unable to parse port in address');
  }
  validatePort(violations, path, number);
}

/** Kuma's `ExternalService`. */
export const externalServiceType: ResourceType<ExternalServiceSpec> = {
  name: 'ExternalService',
  scope: 'Mesh',
  path: 'external-services',
  singularDisplayName: 'External Service',
  pluralDisplayName: 'External Services',
  shortName: '',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: true,
  providedByZone: false,
  schema: externalServiceSchema,
  validate: validateExternalService,
};
