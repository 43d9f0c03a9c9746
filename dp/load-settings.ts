import { KumulusError } from '../src/model/errors.ts';
import type { SettingName } from './setting.ts';
import { type DataplaneSettings, readSettings } from './settings.ts';

/** The raw texts of settings. */
export interface RawSettings {
  /** What the command line gave for a flag, undefined where it was not used. A flag without a value is `true`. */
  readonly flag: (flag: string) => string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads all settings and checks how they go together. A flag goes before its environment variable.
 *
 * @throws KumulusError `bad_request` that tells of every mistake at once.
 */
export function loadSettings(raw: RawSettings): DataplaneSettings {
  const problems: string[] = [];
  const read = readSettings({
    text: (name) =>
      (name.flag === undefined ? undefined : raw.flag(name.flag)) ??
      (name.env === undefined ? undefined : raw.env[name.env]),
    problem: (name, message) => problems.push(`${spoken(name)} ${message}`),
  });
  const settings = { ...read, name: read.name === '' ? podName(raw, read) : read.name };
  problems.push(...contradictions(settings));
  if (problems.length > 0) {
    throw new KumulusError('bad_request', problems.join('; '));
  }
  return settings;
}

/** On Kubernetes the Dataplane is called as its Pod is, if nothing else names it. */
function podName(raw: RawSettings, settings: DataplaneSettings): string {
  const { POD_NAME: pod, POD_NAMESPACE: namespace } = raw.env;
  const ownName = settings.dataplane ?? settings.dataplaneFile;
  return ownName !== undefined || pod === undefined || namespace === undefined ? '' : `${pod}.${namespace}`;
}

function contradictions(settings: DataplaneSettings): string[] {
  const problems: string[] = [];
  const hasResource = settings.dataplaneFile !== undefined || settings.dataplane !== undefined;
  if (hasResource && (settings.name !== '' || settings.mesh !== '')) {
    problems.push('--name and --mesh cannot be given beside a Dataplane, which has its own');
  }
  if (!hasResource) {
    if (settings.name === '') problems.push('--dataplane-file or --name must be given');
    if (/[${}()]/.test(settings.name)) problems.push('--name must not contain any of $(){}');
    if (settings.mesh === '' && settings.name !== '' && settings.proxyType === 'dataplane') {
      problems.push('--mesh must be given beside --name');
    }
  }
  if (settings.readinessPort === 0) problems.push('KUMA_READINESS_PORT must not be 0');
  if (!isHttpUrl(settings.controlPlaneUrl)) {
    problems.push('--cp-address must be a URL such as https://localhost:5678');
  }
  if (settings.dnsEnabled) problems.push('--dns-enabled is not available: there is no DNS server here');
  if (settings.applicationProbeProxyPort !== 0) {
    problems.push('KUMA_APPLICATION_PROBE_PROXY_PORT is not available: there is no probe proxy here');
  }
  return problems;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

/** What a user calls a setting: its flag without the value's name, else its variable. */
function spoken(name: SettingName): string {
  return name.flag?.match(/--[a-z-]+/)?.[0] ?? name.env ?? name.help;
}
