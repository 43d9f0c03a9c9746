import * as z from 'zod';
import { parseSmallYaml } from '../../model/small-yaml.ts';
import type { TransparentProxying } from '../../model/types/dataplane.ts';
import { annotation } from '../annotations.ts';
import { listOf, text, textMap } from './objects.ts';
import { annotationRefusal } from './refusal.ts';

const schema = z
  .object({
    refs: listOf(
      z.object({
        kind: text,
        name: text,
        namespace: text,
        port: z.int().min(0).max(0xffff_ffff).nullish(),
        labels: textMap,
      }),
    ),
  })
  .nullable();

/**
 * The services that the annotation `kuma.io/reachable-backends` lists, in JSON or in YAML of bounded length. A list
 * without any is kept: the pod consumes nothing.
 *
 * @throws KumulusError `invalid` where it has another form.
 */
export function readReachableBackends(value: string): NonNullable<TransparentProxying['reachableBackends']> {
  const read = schema.safeParse(parse(value));
  if (!read.success) {
    throw refusal();
  }
  const refs = (read.data?.refs ?? []).map(({ port, ...ref }) => ({
    ...ref,
    ...(port === undefined || port === null ? {} : { port }),
  }));
  return { refs };
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    try {
      return parseSmallYaml(value);
    } catch {
      throw refusal();
    }
  }
}

function refusal() {
  return annotationRefusal(
    annotation.reachableBackends,
    `cannot parse, ${annotation.reachableBackends} has invalid format`,
  );
}
