import { isIP } from 'node:net';
import { create } from '@bufbuild/protobuf';
import {
  type Address,
  AddressSchema,
  SocketAddress_Protocol,
} from './gen/envoy/config/core/v3/address_pb.ts';

/** An address and port of the network; `udp` for listeners of datagrams. */
export function socketAddress(address: string, port: number, protocol: 'tcp' | 'udp' = 'tcp'): Address {
  return create(AddressSchema, {
    address: {
      case: 'socketAddress',
      value: {
        protocol: protocol === 'udp' ? SocketAddress_Protocol.UDP : SocketAddress_Protocol.TCP,
        address,
        portSpecifier: { case: 'portValue', value: port },
      },
    },
  });
}

/** A unix domain socket. */
export function pipeAddress(path: string): Address {
  return create(AddressSchema, { address: { case: 'pipe', value: { path } } });
}

/** `host:port`, with brackets around an IPv6 address (RFC 3986, section 3.2.2). */
export function hostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
