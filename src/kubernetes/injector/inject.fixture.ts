import { type Container, type Namespace, type Pod, podSchema } from '../pod.ts';
import { injectSidecar } from './inject.ts';
import { defaultInjectorSettings, type InjectionTarget } from './settings.ts';

export const enabled: Namespace = { labels: { 'kuma.io/sidecar-injection': 'enabled' } };

/** A control plane that sidecars are for. */
export const target: InjectionTarget = {
  settings: defaultInjectorSettings,
  controlPlaneUrl: 'https://acme.mesh.example.com:5678',
  controlPlaneCaCert: '',
  adminPort: 9901,
  sidecarContainers: false,
  containerPatches: new Map(),
  hasMesh: () => true,
};

/** The same with other settings. */
export const withSettings = (settings: Partial<InjectionTarget['settings']>): InjectionTarget => ({
  ...target,
  settings: { ...defaultInjectorSettings, ...settings },
});

/** What is particular of a pod. */
export interface PodParts {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

export function podOf({ annotations = {}, labels = {}, spec = {} }: PodParts = {}): Pod {
  return podSchema.parse({
    metadata: { name: 'orders', labels, annotations },
    spec: { containers: [{ name: 'app', image: 'orders:1' }], ...spec },
  });
}

/** Injects the sidecar into a pod of a namespace that wants it. */
export function inject(parts: PodParts, by: InjectionTarget = target, namespace: Namespace = enabled): Pod {
  return injectSidecar(podOf(parts), namespace, by);
}

export function containerOf({ spec }: Pod, name: string): Container | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find((each) => each.name === name);
}

export const names = (containers: readonly Container[] = []) => containers.map(({ name }) => name);

/** What the sidecar's environment has under a name; empty where it has the name alone. */
export function variable(pod: Pod, name: string): unknown {
  const found = containerOf(pod, 'kuma-sidecar')?.env?.find((each) => each.name === name);
  return found === undefined ? undefined : (found.value ?? '');
}
