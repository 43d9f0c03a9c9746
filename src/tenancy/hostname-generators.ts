import type { ResourceDraft } from '../store/resource-store.ts';

/**
 * The HostnameGenerators that a zone starts with, as in Kuma on Universal: names for the services of MeshServices and
 * MeshExternalServices.
 */
export function hostnameGenerators(): readonly ResourceDraft[] {
  const type = 'HostnameGenerator';
  const labels = { 'kuma.io/origin': 'zone' };
  const selected = { matchLabels: labels };
  return [
    {
      type,
      mesh: '',
      name: 'local-mesh-external-service',
      labels,
      spec: { selector: { meshExternalService: selected }, template: '{{ .DisplayName }}.extsvc.mesh.local' },
    },
    {
      type,
      mesh: '',
      name: 'local-universal-mesh-service',
      labels,
      spec: { selector: { meshService: selected }, template: '{{ .DisplayName }}.svc.mesh.local' },
    },
  ];
}
