import { expect, it } from 'vitest';
import { podSchema } from '../pod.ts';
import { podWarnings } from './warnings.ts';

it.each<[Record<string, string>, readonly string[]]>([
  [{}, []],
  [{ 'kuma.io/gateway': 'enabled' }, []],
  [
    { 'kuma.io/builtindns': 'enabled' },
    ['the annotation kuma.io/builtindns is ignored, use kuma.io/builtin-dns'],
  ],
  [
    { 'kuma.io/mesh': 'a', 'kuma.io/virtual-probes-port': '1' },
    [
      'the annotation kuma.io/virtual-probes-port will be removed, use kuma.io/application-probe-proxy-port',
      'the annotation kuma.io/mesh will be removed, use the label of this name',
    ],
  ],
])('of %j whoever makes the pod is told %j', (annotations, warnings) => {
  const pod = podSchema.parse({ metadata: { annotations }, spec: { containers: [] } });
  expect(podWarnings(pod)).toEqual(warnings);
});
