import type * as z from 'zod';
import { isHostName, isIpAddress, isUnspecified } from '../addresses.ts';
import * as proto from '../proto-json.ts';
import type { ResourceType } from '../resource-type.ts';
import { validatePort } from '../rules.ts';
import { validateTags } from '../tags.ts';
import { Violations } from '../violations.ts';

const adminSchema = proto.optional(proto.message({ port: proto.uint32() }));

/** Kuma's `ZoneIngress`: the proxy by which other zones reach the services of this one. */
export const zoneIngressSchema = proto.message({
  zone: proto.string(),
  networking: proto.optional(
    proto.message({
      address: proto.string(),
      /** Where other zones reach it; only together with its port. */
      advertisedAddress: proto.string(),
      port: proto.uint32(),
      advertisedPort: proto.uint32(),
      admin: adminSchema,
    }),
  ),
  availableServices: proto.repeated(
    proto.message({
      tags: proto.map(),
      instances: proto.uint32(),
      mesh: proto.string(),
      externalService: proto.bool(),
    }),
  ),
});

/** Kuma's `ZoneEgress`: the proxy by which the services of this zone reach others. */
export const zoneEgressSchema = proto.message({
  zone: proto.string(),
  networking: proto.optional(
    proto.message({ address: proto.string(), port: proto.uint32(), admin: adminSchema }),
  ),
});

export type ZoneIngressSpec = z.output<typeof zoneIngressSchema>;
export type ZoneEgressSpec = z.output<typeof zoneEgressSchema>;

/** The paths end twice in `address`: so the reference prints them. */
function validateAddress(violations: Violations, path: string, address: string | undefined): void {
  if (address === undefined) {
    return;
  }
  if (isUnspecified(address)) {
    violations.add(`${path}.address`, 'must not be 0.0.0.0 or ::');
  }
  if (!isIpAddress(address) && !isHostName(address)) {
    violations.add(`${path}.address`, 'address has to be valid IP address or domain name');
  }
}

/** Envoy's admin API listens on loopback, so only what listens there as well can be in its way. */
function takesAdminPort(
  admin: number | undefined,
  port: number | undefined,
  address: string | undefined,
): boolean {
  return admin !== undefined && admin === port && (address === '127.0.0.1' || isUnspecified(address ?? ''));
}

function validateIngress({ networking = {}, availableServices = [] }: ZoneIngressSpec): Violations {
  const violations = new Violations();
  const { address, port, advertisedAddress, advertisedPort } = networking;
  const admin = networking.admin?.port;
  if (takesAdminPort(admin, port, address) || takesAdminPort(admin, advertisedPort, advertisedAddress)) {
    violations.add('networking.admin.port', 'must differ from port');
  }
  if (advertisedAddress === undefined && advertisedPort !== undefined) {
    violations.add('networking.advertisedAddress', 'has to be defined with advertisedPort');
  }
  if (advertisedPort === undefined && advertisedAddress !== undefined) {
    violations.add('networking.advertisedPort', 'has to be defined with advertisedAddress');
  }
  validateAddress(violations, 'networking.address', address);
  validateAddress(violations, 'networking.advertisedAddress', advertisedAddress);
  validatePort(violations, 'networking.port', port);
  if (advertisedPort !== undefined) {
    validatePort(violations, 'networking.advertisedPort', advertisedPort);
  }
  for (const [position, { tags }] of availableServices.entries()) {
    validateTags(violations, `availableService[${position}].tags`, tags, { requireService: true });
  }
  return violations;
}

function validateEgress({ networking = {} }: ZoneEgressSpec): Violations {
  const violations = new Violations();
  const { address, port, admin } = networking;
  if (takesAdminPort(admin?.port, port, address)) {
    violations.add('networking.admin.port', 'must differ from port');
  }
  validateAddress(violations, 'networking.address', address);
  validatePort(violations, 'networking.port', port);
  return violations;
}

export const zoneIngressType: ResourceType<ZoneIngressSpec> = {
  name: 'ZoneIngress',
  scope: 'Global',
  path: 'zoneingresses',
  singularDisplayName: 'Zone Ingress',
  pluralDisplayName: 'Zone Ingresses',
  shortName: 'zi',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: zoneIngressSchema,
  validate: validateIngress,
  proxyType: () => 'zoneingress',
};

export const zoneEgressType: ResourceType<ZoneEgressSpec> = {
  name: 'ZoneEgress',
  scope: 'Global',
  path: 'zoneegresses',
  singularDisplayName: 'Zone Egress',
  pluralDisplayName: 'Zone Egresses',
  shortName: 'ze',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: zoneEgressSchema,
  validate: validateEgress,
  proxyType: () => 'zoneegress',
};
