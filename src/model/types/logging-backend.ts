import { splitHostPort } from '../addresses.ts';
import * as proto from '../proto-json.ts';
import { field, type Violations } from '../violations.ts';
import { parseConfig } from './backend-config.ts';
import type { MeshLogging } from './mesh-schema.ts';

type LoggingBackend = NonNullable<MeshLogging['backends']>[number];

/** `conf` of a logging backend of type `file`. */
const fileConfigSchema = proto.message({ path: proto.string() });
/** `conf` of a logging backend of type `tcp`. */
const tcpConfigSchema = proto.message({ address: proto.string() });

/** Kuma's rules for one backend of `logging`. */
export function validateLoggingBackend(violations: Violations, path: string, backend: LoggingBackend): void {
  if (backend.name === undefined) {
    violations.add(field(path, 'name'), 'cannot be empty');
  }
  const configPath = field(path, 'config');
  switch (backend.type) {
    case 'file': {
      const config = parseConfig(violations, configPath, fileConfigSchema, backend.conf);
      if (config !== undefined && config.path === undefined) {
        violations.add(field(configPath, 'path'), 'cannot be empty');
      }
      return;
    }
    case 'tcp': {
      const config = parseConfig(violations, configPath, tcpConfigSchema, backend.conf);
      if (config !== undefined && config.address === undefined) {
        violations.add(field(configPath, 'address'), 'cannot be empty');
      } else if (config?.address !== undefined && splitHostPort(config.address) === undefined) {
        violations.add(field(configPath, 'address'), 'has to be in format of HOST:PORT');
      }
      return;
    }
    default:
      violations.add(field(path, 'type'), 'unknown backend type. Available backends: "tcp", "file"');
  }
}
