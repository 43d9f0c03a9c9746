import { networkInterfaces } from 'node:os';

/** An address of this machine that is not its loopback; undefined on a machine without a network. */
export function outerAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}
