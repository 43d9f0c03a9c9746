import {
  type Node,
  nodeSchema,
  type Owner,
  ownerSchema,
  type Pod,
  podSchema,
  readObject,
  type Service,
  serviceSchema,
} from './objects.ts';

interface PodParts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

/** The pod `cart-0` in the namespace `shop`, at 10.1.0.7. */
export function podWith({ labels, annotations, metadata, spec, status }: PodParts = {}): Pod {
  return readObject(podSchema, 'Pod', {
    kind: 'Pod',
    metadata: { name: 'cart-0', namespace: 'shop', uid: 'pod-uid', labels, annotations, ...metadata },
    spec: { containers: [{ name: 'cart', ports: [{ containerPort: 9000, name: 'api' }] }], ...spec },
    status: { podIP: '10.1.0.7', ...status },
  });
}

/** The service `cart` in the namespace `shop` with one port, 80 to 9000, which selects every pod. */
export function serviceWith(spec: object = {}, metadata: object = {}, status: object = {}): Service {
  return readObject(serviceSchema, 'Service', {
    metadata: { name: 'cart', namespace: 'shop', ...metadata },
    spec: { clusterIP: '10.9.0.1', ports: [{ port: 80, targetPort: 9000 }], ...spec },
    status,
  });
}

/** A node, with what is told of it. */
export function nodeWith(parts: object): Node {
  return readObject(nodeSchema, 'Node', parts);
}

/** A ReplicaSet or Job in the namespace `shop`, with what owns it as pairs of kind and name. */
export function ownerWith(
  name: string,
  ...owners: readonly (readonly [kind: string, name: string])[]
): Owner {
  const ownerReferences = owners.map(([kind, owner]) => ({ kind, name: owner }));
  return readObject(ownerSchema, 'ReplicaSet', { metadata: { name, namespace: 'shop', ownerReferences } });
}
