import { accessSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Where Linux distributions keep the CAs that they trust: Debian, Fedora, openSUSE, older ones, RHEL, Alpine. */
const systemCaFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The limits of memory of cgroups version 2 and 1, in bytes or the word `max`. */
const memoryLimitFiles = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/** What a proxy tells the control plane of the machine that it runs on. */
export interface Machine {
  /** Empty where none was found. */
  readonly systemCaPath: string;
  readonly hasIpv6: boolean;
  /** In bytes; 0 where there is no limit. */
  readonly maxMemory: number;
  /** In Go's words, such as `linux` and `darwin`, which are Node's too for what Envoy runs on. */
  readonly operatingSystem: string;
}

/** Looks at this machine. */
export function inspectMachine(): Machine {
  return {
    systemCaPath: systemCaFiles.find(exists) ?? '',
    hasIpv6: Object.values(networkInterfaces())
      .flat()
      .some((address) => address?.internal === true && address.family === 'IPv6'),
    maxMemory: memoryLimitFiles.map(readLimit).find((limit) => limit > 0) ?? 0,
    operatingSystem: process.platform,
  };
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Version 1 writes "no limit" as a number near 2^63, which no machine has and no double holds. */
function readLimit(path: string): number {
  try {
    const limit = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(limit) ? limit : 0;
  } catch {
    return 0;
  }
}
