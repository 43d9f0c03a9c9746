import { KumulusError } from '../../model/errors.ts';
import type { Container } from '../pod.ts';

/** The ports that a container gives names to. */
export type PortNames = ReadonlyMap<string, number>;

export function portNamesOf({ ports = [] }: Container): PortNames {
  // Of two with one name the first counts.
  return new Map(
    ports
      .toReversed()
      .flatMap(({ name, containerPort }): [string, number][] => (name ? [[name, containerPort]] : [])),
  );
}

/** The number of a port that may be a name; 0 for a name that no port has. */
export function portNumber(port: number | string, names: PortNames): number {
  if (typeof port === 'number') return port;
  return /^\d{1,9}$/.test(port) && Number(port) !== 0 ? Number(port) : (names.get(port) ?? 0);
}

/** @throws KumulusError `invalid` where the application's port is the one that probes are served at. */
export function requireOtherPort(port: number, virtualPort: number): void {
  if (port === virtualPort) {
    throw new KumulusError(
      'invalid',
      `cannot override Pod's probes. Port for probe cannot be set to ${virtualPort}. It is reserved for the dataplane that will serve pods without mTLS.`,
    );
  }
}
