import type { Resource } from '../model/resource.ts';
import { type SecretReader, secretSpec, secretView } from '../secrets/secret-data.ts';

/** Secrets in memory; what a relay's mesh context is to it. */
export function createSecrets() {
  const held = new Map<string, Map<string, Resource>>();
  const reader: SecretReader = {
    read: async (tenant, mesh) => secretView(new Map(held.get(`${tenant}/${mesh}`))),
  };
  return {
    reader,
    put(tenant: string, mesh: string, name: string, contents: string | Buffer) {
      const scope = held.get(`${tenant}/${mesh}`) ?? new Map<string, Resource>();
      held.set(`${tenant}/${mesh}`, scope);
      scope.set(name, {
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
    delete: (tenant: string, mesh: string, name: string) => held.get(`${tenant}/${mesh}`)?.delete(name),
  };
}
