import * as z from 'zod';
import { applyJsonPatch } from '../../src/kubernetes/json-patch/apply.ts';
import type { JsonPatchOperation } from '../../src/kubernetes/json-patch/operation.ts';

/** A pod as an API server sends it, with what it fills in. */
export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'orders-', creationTimestamp: null, labels: { app: 'orders' } },
  spec: {
    containers: [{ name: 'app', image: 'orders:1', resources: {} }],
    // Written by something that is not Go.
    initContainers: null,
    restartPolicy: 'Always',
  },
  status: {},
};

/** What a cluster asks when a pod is made. */
export function admissionReview(request: object = {}) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'b0b1c2d3',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      dryRun: false,
      object: pod,
      ...request,
    },
  };
}

const answerSchema = z.strictObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  response: z.strictObject({
    uid: z.literal('b0b1c2d3'),
    allowed: z.boolean(),
    patchType: z.literal('JSONPatch').optional(),
    patch: z.base64().optional(),
    warnings: z.array(z.string()).optional(),
    status: z.looseObject({}).optional(),
  }),
});

/** Reads an answer; `pod` is what the cluster makes of it. */
export function readAnswer(text: string, sent: unknown = pod) {
  const { response } = answerSchema.parse(JSON.parse(text));
  const patch: readonly JsonPatchOperation[] = JSON.parse(
    Buffer.from(response.patch ?? '', 'base64').toString() || '[]',
  );
  return { ...response, patch, pod: Object(applyJsonPatch(sent, patch)) };
}
