import { edit, type ListenerTarget, type PolicyApply } from '../../compile/policy.ts';
import { routeActions } from '../../envoy/http-connection-manager.ts';
import { grpcRetryPolicy, httpRetryPolicy } from './retry-policy-apply.ts';
import { type RetryConf, retryConfSchema } from './schema.ts';
import { meshRetryType } from './type.ts';

/** MeshRetry: how often, and after what, requests and connections to a service are tried again. */
export const meshRetryApply: PolicyApply = {
  kind: meshRetryType,
  outbound(said) {
    const conf = said === undefined ? undefined : retryConfSchema.safeParse(said).data;
    return conf === undefined ? {} : { listener: edit(conf, applyToListener) };
  },
};

/** HTTP/2 that is no gRPC has no retries, nor has TCP that is not called so: the reference knows none for them. */
function applyToListener({ draft, protocol }: ListenerTarget, { tcp, http, grpc }: RetryConf): void {
  const attempts = tcp?.maxConnectAttempt ?? 0;
  const policy =
    protocol === 'http' ? httpRetryPolicy(http) : protocol === 'grpc' ? grpcRetryPolicy(grpc) : undefined;
  for (const filter of draft.chains.flatMap(({ filters }) => filters)) {
    if (filter.kind === 'tcp' && protocol === 'tcp' && attempts > 0) {
      filter.proxy.maxConnectAttempts = attempts;
    } else if (filter.kind === 'http' && policy !== undefined) {
      for (const action of routeActions(filter.manager)) {
        action.retryPolicy = policy;
      }
    }
  }
}
