import { annotation, readAnnotations } from '../annotations.ts';
import type { Pod } from '../pod.ts';

/** What Kuma gives up, and what takes its place. */
const replaced: Readonly<Record<string, string>> = {
  'kuma.io/builtindns': `is ignored, use ${annotation.builtinDns}`,
  'kuma.io/builtindnsport': `is ignored, use ${annotation.builtinDnsPort}`,
  [annotation.virtualProbes]: 'will be removed, and is not needed with the proxy of application probes',
  [annotation.virtualProbesPort]: `will be removed, use ${annotation.applicationProbeProxyPort}`,
  [annotation.sidecarInjection]: 'is ignored, use the label of this name',
  [annotation.mesh]: 'will be removed, use the label of this name',
};

/** What whoever makes a pod is to be told of it, though it is taken: a line each. */
export function podWarnings(pod: Pod): readonly string[] {
  const annotations = readAnnotations(pod.metadata.annotations);
  return Object.entries(replaced)
    .filter(([name]) => annotations.text(name) !== undefined)
    .map(([name, what]) => `the annotation ${name} ${what}`);
}
