import { encodeFields } from './response-frame.ts';
import type { ServableMap } from './type-state.ts';

/** The type of `envoy.service.runtime.v3.Runtime`, which the bootstrap of a built-in gateway makes Envoy ask for. */
export const runtimeTypeUrl = 'type.googleapis.com/envoy.service.runtime.v3.Runtime';

/** The layer's name in the bootstrap, as in Kuma. */
export const gatewayRuntimeLayer = 'gateway.listeners';

const version = '1';
/** `Runtime` with its `name` and an empty `layer`: no listener has a limit of connections of its own. */
const runtime = encodeFields([
  [0x0a, gatewayRuntimeLayer],
  [0x12, new Uint8Array()],
]);
const any = encodeFields([
  [0x0a, runtimeTypeUrl],
  [0x12, runtime],
]);
/** `envoy.service.discovery.v3.Resource`: version (1), resource (2), name (3). */
const delta = encodeFields([
  [0x0a, version],
  [0x12, any],
  [0x1a, gatewayRuntimeLayer],
]);

/** What gateways are answered, so that Envoy does not wait for 15 seconds before it starts. */
export const runtimeLayers: ServableMap = new Map([
  [gatewayRuntimeLayer, { name: gatewayRuntimeLayer, version, delta, any }],
]);
