import type { TransparentProxying } from '../../model/types/dataplane.ts';
import { type AnnotationReader, annotation } from '../annotations.ts';
import { readReachableBackends } from './reachable-backends.ts';
import { annotationRefusal } from './refusal.ts';

type IpFamilyMode = NonNullable<TransparentProxying['ipFamilyMode']>;

/** IPv6 alone is none of them: Kuma 2.13 refuses it here. */
const families: Readonly<Record<string, IpFamilyMode>> = {
  '': 'UnSpecified',
  dualstack: 'DualStack',
  ipv4: 'IPv4',
};

/**
 * How the traffic of a pod gets to its proxy, from the annotations that users and the injector set.
 *
 * @returns undefined for a pod without transparent proxying, and for one that says nothing of it beside being so.
 * @throws KumulusError `invalid` where an annotation is missing or has another form.
 */
export function transparentProxyingOf(annotations: AnnotationReader): TransparentProxying | undefined {
  const enabled = annotations.enabled(annotation.transparentProxying) === true;
  if (!enabled && !annotations.text(annotation.transparentProxyConfig)) {
    return undefined;
  }
  const settings = { ...reachOf(annotations), ...(enabled ? redirectionOf(annotations) : {}) };
  const isEmpty = Object.values(settings).every((value) => value === 0 || value === 'UnSpecified');
  return isEmpty ? undefined : settings;
}

/** What the pod sends to, and what of it goes around its proxy. */
function reachOf(annotations: AnnotationReader): TransparentProxying {
  const directAccessServices = [...(annotations.list(annotation.directAccessServices) ?? [])];
  const reachableServices = [...(annotations.list(annotation.reachableServices) ?? [])];
  const backends = annotations.text(annotation.reachableBackends);
  return {
    ...(directAccessServices.length > 0 && { directAccessServices }),
    ...(reachableServices.length > 0 && { reachableServices }),
    ...(backends !== undefined && { reachableBackends: readReachableBackends(backends) }),
  };
}

function redirectionOf(annotations: AnnotationReader): TransparentProxying {
  return {
    redirectPortInbound: redirectPort(annotations, 'inbound'),
    redirectPortOutbound: redirectPort(annotations, 'outbound'),
    ipFamilyMode: ipFamilyMode(annotations),
  };
}

function ipFamilyMode(annotations: AnnotationReader): IpFamilyMode {
  const name = annotation.transparentProxyingIpFamilyMode;
  const said = annotations.text(name) ?? 'dualstack';
  const mode = Object.hasOwn(families, said) ? families[said] : undefined;
  if (mode === undefined) {
    throw annotationRefusal(name, `invalid ip family mode '${said}'`);
  }
  return mode;
}

const portAnnotations = {
  inbound: annotation.transparentProxyingInboundPort,
  outbound: annotation.transparentProxyingOutboundPort,
};

function redirectPort(annotations: AnnotationReader, direction: keyof typeof portAnnotations): number {
  const name = portAnnotations[direction];
  const port = annotations.uint32(name);
  if (port === undefined) {
    const message = `transparent proxying ${direction} port has to be set in transparent mode`;
    throw annotationRefusal(name, message);
  }
  return port;
}
