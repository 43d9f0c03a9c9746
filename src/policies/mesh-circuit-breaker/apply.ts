import { create } from '@bufbuild/protobuf';
import { type ClusterTarget, type Edits, edit, type PolicyApply } from '../../compile/policy.ts';
import { CircuitBreakersSchema } from '../../envoy/gen/envoy/config/cluster/v3/circuit_breaker_pb.ts';
import { Cluster_CommonLbConfigSchema } from '../../envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { Conf } from '../../match/conf.ts';
import { outlierDetection, panicThreshold } from './outlier-detection-apply.ts';
import {
  type CircuitBreakerConf,
  type ConnectionLimits,
  circuitBreakerConfSchema,
  type OutlierDetection,
} from './schema.ts';
import { meshCircuitBreakerType } from './type.ts';

/** MeshCircuitBreaker: limits of connections and requests, and the ejection of members that fail. */
export const meshCircuitBreakerApply: PolicyApply = {
  kind: meshCircuitBreakerType,
  inbound: (rules) => edits(rules?.conf),
  outbound: edits,
};

function edits(said: Conf | undefined): Edits {
  const conf = said === undefined ? undefined : circuitBreakerConfSchema.safeParse(said).data;
  return conf === undefined ? {} : { cluster: edit(conf, applyToCluster) };
}

function applyToCluster({ draft }: ClusterTarget, conf: CircuitBreakerConf): void {
  if (conf.connectionLimits !== undefined) {
    draft.cluster.circuitBreakers = circuitBreakers(conf.connectionLimits);
  }
  if (conf.outlierDetection !== undefined && conf.outlierDetection.disabled !== true) {
    applyOutlierDetection(draft.cluster, conf.outlierDetection);
  }
}

function circuitBreakers(limits: ConnectionLimits) {
  return create(CircuitBreakersSchema, { thresholds: [{ ...limits, trackRemaining: true }] });
}

function applyOutlierDetection(
  cluster: ClusterTarget['draft']['cluster'],
  detection: OutlierDetection,
): void {
  cluster.outlierDetection = outlierDetection(detection);
  const threshold = panicThreshold(detection);
  if (threshold !== undefined) {
    cluster.commonLbConfig ??= create(Cluster_CommonLbConfigSchema);
    cluster.commonLbConfig.healthyPanicThreshold = threshold;
  }
}
