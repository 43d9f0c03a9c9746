import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { type AdsDeps, serveAds } from '../stream/ads-stream.ts';
import type { BytesCall } from '../stream/bytes-call.ts';
import { type HdsDeps, serveHds } from '../stream/hds-stream.ts';
import { deltaProtocol, sotwProtocol } from '../stream/stream-state.ts';

const same = (bytes: Buffer) => bytes;

/** A method that streams bytes both ways. */
function bidirectional(path: string) {
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  } as const;
}

const ads = '/envoy.service.discovery.v3.AggregatedDiscoveryService';
const hds = '/envoy.service.health.v3.HealthDiscoveryService';

/** ADS in both protocols, SDS in the same streams, and HDS; every message is bytes. */
export const relayService = {
  StreamAggregatedResources: bidirectional(`${ads}/StreamAggregatedResources`),
  DeltaAggregatedResources: bidirectional(`${ads}/DeltaAggregatedResources`),
  StreamHealthCheck: bidirectional(`${hds}/StreamHealthCheck`),
} satisfies ServiceDefinition;

/** The handlers of {@link relayService}. */
export function relayHandlers(deps: AdsDeps & HdsDeps): UntypedServiceImplementation {
  return {
    StreamAggregatedResources: (call: BytesCall) => serveAds(call, 'sotw', sotwProtocol, deps),
    DeltaAggregatedResources: (call: BytesCall) => serveAds(call, 'delta', deltaProtocol, deps),
    StreamHealthCheck: (call: BytesCall) => serveHds(call, deps),
  };
}
