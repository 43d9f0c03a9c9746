import { create } from '@bufbuild/protobuf';
import { packed } from './any.ts';
import { type Filter, FilterSchema } from './gen/envoy/config/listener/v3/listener_components_pb.ts';
import { KafkaBrokerSchema } from './gen/envoy/extensions/filters/network/kafka_broker/v3/kafka_broker_pb.ts';
import {
  type TcpProxy,
  TcpProxySchema,
} from './gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.ts';
import { statisticName } from './statistics.ts';

/** Forwards connections to one cluster; `name` stands in Envoy's statistics. */
export function tcpProxy(name: string, cluster: string): TcpProxy {
  return create(TcpProxySchema, {
    statPrefix: statisticName(name),
    clusterSpecifier: { case: 'cluster', value: cluster },
  });
}

/** Counts Kafka's requests and responses. The filter is one of Envoy's contrib extensions. */
export function kafkaBroker(name: string): Filter {
  return create(FilterSchema, {
    name: 'envoy.filters.network.kafka_broker',
    configType: {
      case: 'typedConfig',
      value: packed(KafkaBrokerSchema, { statPrefix: statisticName(name) }),
    },
  });
}
