import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { ProxyType } from '../../model/proxy-metadata.ts';
import type { TenantId } from '../../model/tenant.ts';
import { type DataplaneSpec, dataplaneSchema } from '../../model/types/dataplane.ts';
import type { BootstrapAnswer, BootstrapCall, BootstrapHandler } from '../server/bootstrap-endpoint.ts';
import { type BootstrapCaller, refusalOf } from './answers.ts';
import { envoyBootstrap } from './envoy-bootstrap.ts';
import { dataplaneFacts, type ProxyFacts, zoneProxyFacts } from './proxy-facts.ts';
import { findProxyResource, type ResourceLookups } from './proxy-resource.ts';
import { noAuthority, tokenRequired, wrongHost } from './refusal-texts.ts';
import { type BootstrapRequest, readBootstrapRequest } from './request.ts';
import type { BootstrapSettings } from './settings.ts';
import {
  alternativeNames,
  coversHost,
  isNoAuthority,
  readCertificate,
  type ServerCertificate,
} from './trust.ts';

/** Whose right to a bootstrap is asked about. */
export interface TokenQuestion {
  readonly tenant: TenantId;
  readonly token: string;
  readonly proxyType: ProxyType;
  /** Those of the proxy's resource, which is what a token speaks of; the mesh is empty for zone proxies. */
  readonly mesh: string;
  readonly name: string;
  /** The Dataplane, given or stored; undefined for zone proxies. */
  readonly dataplane: DataplaneSpec | undefined;
}

/** What bootstraps are looked up in. */
export interface BootstrapLookups extends ResourceLookups {
  /** The certificate that the relay serves at the moment. */
  certificate(): ServerCertificate;
  /** The port that the relay listens on; told to proxies unless the settings name another. */
  port(): number;
  /** Whether proxies of a tenant are answered that name the path of their token alone, which cannot be checked. */
  answersUnchecked(tenant: TenantId): boolean;
  /**
   * Judges whether a token is one of the tenant's at all, before anything of the tenant is looked at.
   *
   * @throws KumulusError `unauthenticated`, the same for all strangers.
   */
  authenticate(question: Pick<TokenQuestion, 'tenant' | 'token' | 'proxyType' | 'mesh'>): Promise<void>;
  /**
   * Judges a token as the stream will.
   *
   * @throws KumulusError `unauthenticated` or `forbidden` with the reason.
   */
  checkToken(question: TokenQuestion): Promise<void>;
  /** The addresses of a host name; where it is absent or fails, Envoy is left to try both families. */
  resolve?(host: string): Promise<readonly string[]>;
}

export interface BootstrapDeps {
  readonly settings: BootstrapSettings;
  readonly lookups: BootstrapLookups;
  readonly logger: Logger;
}

const proxyTypes: readonly ProxyType[] = ['dataplane', 'ingress', 'egress'];

/** What is left of a request once it has been checked. */
interface CheckedRequest {
  readonly request: BootstrapRequest;
  readonly proxyType: ProxyType;
  readonly facts: ProxyFacts;
  /** PEM. */
  readonly ca: string;
}

/** Characters of names that were not checked yet and that are logged. */
const maxLoggedName = 253;

/** Makes the handler of `POST /bootstrap`: checks what kuma-dp asks, and answers Envoy's bootstrap. */
export function createBootstrap({ settings, lookups, logger }: BootstrapDeps): BootstrapHandler {
  /** @throws KumulusError `internal` for a kind of proxy that there is none of, as the reference answers. */
  const requireProxy = (request: BootstrapRequest): ProxyType => {
    const wanted = request.proxyType === '' ? 'dataplane' : request.proxyType;
    const proxyType = proxyTypes.find((known) => known === wanted);
    if (proxyType === undefined || request.name === '') {
      throw new KumulusError('internal', 'the request names no kind of proxy, or no proxy');
    }
    return proxyType;
  };

  const requireToken = (request: BootstrapRequest) => {
    const zoneProxy = request.proxyType === 'ingress' || request.proxyType === 'egress';
    const dataplane = request.proxyType === '' || request.proxyType === 'dataplane';
    const required =
      (dataplane && settings.dataplaneTokenRequired) || (zoneProxy && settings.zoneTokenRequired);
    if (required && request.dataplaneToken === '' && request.dataplaneTokenPath === '') {
      throw new KumulusError('invalid', tokenRequired);
    }
  };

  const requireHost = (host: string) => {
    const certificate = readCertificate(lookups.certificate().certificate);
    if (settings.xdsHost === '' && !coversHost(certificate, host)) {
      throw new KumulusError('bad_request', wrongHost(host, alternativeNames(certificate)));
    }
  };

  /** @throws KumulusError `bad_request` where it says that it is no authority, `internal` where it cannot be read. */
  const trustedCa = (request: BootstrapRequest): string => {
    const served = lookups.certificate();
    const pem = request.caCert === '' ? (served.ca ?? served.certificate) : request.caCert;
    let certificate: X509Certificate;
    try {
      certificate = readCertificate(pem);
    } catch (error) {
      throw new KumulusError('internal', 'the certificate of the request cannot be read', { cause: error });
    }
    if (isNoAuthority(certificate)) {
      throw new KumulusError('bad_request', noAuthority);
    }
    return pem;
  };

  /** @throws KumulusError `unauthenticated` where the caller is not known to belong to the tenant. */
  const requireKnown = async (tenant: TenantId, token: string, proxyType: ProxyType, mesh: string) => {
    if (token !== '') {
      await lookups.authenticate({ tenant, token, proxyType, mesh });
    } else if (!lookups.answersUnchecked(tenant)) {
      throw new KumulusError('unauthenticated', 'the token must be sent, the path of its file is not enough');
    }
  };

  const check = async (call: BootstrapCall, caller: BootstrapCaller): Promise<CheckedRequest> => {
    const request = readBootstrapRequest(call.body);
    caller.mesh = request.mesh.slice(0, maxLoggedName);
    caller.name = request.name.slice(0, maxLoggedName);
    requireToken(request);
    requireHost(call.host);
    const proxyType = requireProxy(request);
    const token = request.dataplaneToken;
    const tenant = await call.tenantOf(token === '' ? undefined : token);
    caller.tenant = tenant;
    if (settings.checkTokens === 'strict') {
      await requireKnown(tenant, token, proxyType, request.mesh);
    }
    const resource = await findProxyResource(lookups, tenant, proxyType, request);
    const dataplane =
      proxyType === 'dataplane' ? (resource.dataplane ?? dataplaneSchema.parse(resource.spec)) : undefined;
    const facts =
      dataplane === undefined
        ? zoneProxyFacts(proxyType, resource)
        : await dataplaneFacts(lookups, tenant, request, resource, dataplane);
    const ca = trustedCa(request);
    if (settings.checkTokens === 'strict' && token !== '') {
      const { mesh, name } = resource;
      await lookups.checkToken({ tenant, token, proxyType, mesh, name, dataplane });
    }
    return { request, proxyType, facts, ca };
  };

  const ipv4Only = async (host: string): Promise<boolean> => {
    if (lookups.resolve === undefined || isIP(host) !== 0 || host === 'localhost') {
      return false;
    }
    try {
      const addresses = await lookups.resolve(host);
      return addresses.length > 0 && addresses.every((address) => isIP(address) === 4);
    } catch {
      return false;
    }
  };

  const render = async (
    { request, proxyType, facts, ca }: CheckedRequest,
    calledHost: string,
  ): Promise<string> => {
    const host = settings.xdsHost === '' ? calledHost : settings.xdsHost;
    const document = envoyBootstrap({
      request,
      settings,
      proxyType,
      service: facts.service,
      adminPort: facts.adminPort === 0 ? settings.adminPort : facts.adminPort,
      builtinGateway: facts.builtinGateway,
      unifiedNaming:
        facts.exclusiveMeshServices && request.features.includes('feature-unified-resource-naming'),
      controlPlane: {
        host,
        port: settings.xdsPort === 0 ? lookups.port() : settings.xdsPort,
        ca,
        ipv4Only: await ipv4Only(host),
      },
    });
    // JSON is YAML, is written in a tenth of the time, and leaves no text that a reader may take for a date or a number.
    return `${JSON.stringify(document)}\n`;
  };

  /** What kuma-dp itself is told, beside Envoy. */
  const sidecarConfiguration = ({ proxyType, facts }: CheckedRequest) => {
    const template = proxyType === 'dataplane' ? settings.corefileTemplate : undefined;
    const corefileTemplate = template === undefined ? null : Buffer.from(template).toString('base64');
    return {
      networking: { corefileTemplate, address: facts.address },
      metrics: { aggregate: facts.metrics },
    };
  };

  return async (call): Promise<BootstrapAnswer> => {
    const caller: BootstrapCaller = {};
    try {
      const checked = await check(call, caller);
      const yaml = await render(checked, call.host);
      if (call.accept !== 'application/json') {
        return { status: 200, contentType: 'text/x-yaml', body: yaml };
      }
      const body = JSON.stringify({
        bootstrap: Buffer.from(yaml).toString('base64'),
        kumaSidecarConfiguration: sidecarConfiguration(checked),
      });
      return { status: 200, contentType: 'application/json', body };
    } catch (error) {
      return refusalOf(error, logger, caller);
    }
  };
}
