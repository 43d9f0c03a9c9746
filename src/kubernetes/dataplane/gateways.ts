import * as z from 'zod';
import { type Tags, zoneTag } from '../../model/tags.ts';
import type { Gateway } from '../../model/types/dataplane.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import { type InboundSources, inboundsOfPod } from './inbounds.ts';
import type { Pod } from './objects.ts';
import { ownerNameOf } from './owner-name.ts';
import { annotationRefusal } from './refusal.ts';

/** The tag by which Kuma 2.13 names a provided gateway; it has no `kuma.io/service`. */
const serviceNameTag = 'kuma.io/service-name';

/**
 * The gateway of a pod that takes traffic in by itself and hands it to its proxy; undefined for other pods. `enabled`
 * gives it the tags of its first inbound, `provided` the name of its Deployment, where it has one.
 *
 * @throws KumulusError `invalid` for another value of the annotation, `not_found` as {@link inboundsOfPod} does.
 */
export function delegatedGatewayOf(pod: Pod, sources: InboundSources): Gateway | undefined {
  const kind = readAnnotations(pod.metadata.annotations).text(annotation.gateway);
  switch (kind) {
    case undefined:
      return undefined;
    case 'enabled':
      return gatewayByService(pod, sources);
    case 'provided': {
      const owner = ownerNameOf(pod, sources);
      return owner.kind === 'Deployment'
        ? { type: 'DELEGATED', tags: { [serviceNameTag]: `${owner.name}_${pod.metadata.namespace}_svc` } }
        : gatewayByService(pod, sources);
    }
    default:
      throw annotationRefusal(annotation.gateway, `invalid delegated gateway type '${kind}'`);
  }
}

function gatewayByService(pod: Pod, sources: InboundSources): Gateway {
  const [{ tags = {} }] = inboundsOfPod(pod, sources);
  return { type: 'DELEGATED', tags };
}

const tagsSchema = z.record(z.string(), z.string());

/**
 * The gateway that Envoy itself is, with the tags of the annotation `kuma.io/tags`, a JSON object.
 *
 * @throws KumulusError `invalid` where there is none, or it has another form.
 */
export function builtinGatewayOf(pod: Pod, zone: string): Gateway {
  const text = readAnnotations(pod.metadata.annotations).text(annotation.tags);
  if (text === undefined) {
    const message = `Missing ${annotation.tags} annotation on Pod serving a builtin Gateway`;
    throw annotationRefusal(annotation.tags, message);
  }
  const tags = readTags(text);
  return { type: 'BUILTIN', tags: zone === '' ? tags : { ...tags, [zoneTag]: zone } };
}

function readTags(text: string): Tags {
  try {
    return tagsSchema.parse(JSON.parse(text));
  } catch {
    const message = `Invalid ${annotation.tags} annotation on Pod serving a builtin Gateway`;
    throw annotationRefusal(annotation.tags, message);
  }
}
