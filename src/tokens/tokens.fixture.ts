import type { Resource } from '../model/resource.ts';
import { type SecretReader, secretSpec } from '../secrets/secret-data.ts';

/** Secrets in memory; what a relay's mesh context is to it. */
export function createSecrets() {
  const held = new Map<string, Resource>();
  const reader: SecretReader = {
    get: async (tenant, mesh, name) => held.get(`${tenant}/${mesh}/${name}`),
    list: async (tenant, mesh, prefix) =>
      [...held]
        .filter(([key]) => key.startsWith(`${tenant}/${mesh}/${prefix}`))
        .map(([, resource]) => resource),
  };
  return {
    reader,
    put(tenant: string, mesh: string, name: string, contents: string | Buffer) {
      held.set(`${tenant}/${mesh}/${name}`, {
        type: mesh === '' ? 'GlobalSecret' : 'Secret',
        mesh,
        name,
        labels: {},
        creationTime: '',
        modificationTime: '',
        version: 1,
        spec: secretSpec(contents),
      });
    },
    delete: (tenant: string, mesh: string, name: string) => held.delete(`${tenant}/${mesh}/${name}`),
  };
}
