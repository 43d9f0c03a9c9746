import { isDuration, parseMilliseconds } from '../src/model/duration.ts';
import { SecretValue } from '../src/model/secret-value.ts';

/** What a setting is called and what it is for. */
export interface SettingName {
  /** In commander's form, such as `--drain-time <duration>`; absent where kuma-dp has the environment variable alone. */
  readonly flag?: string;
  readonly env?: string;
  readonly help: string;
}

/** Where the text of settings comes from: the command line and the environment, or nothing where only names are wanted. */
export interface SettingSource {
  /** The text that was given, undefined where none was. */
  text(name: SettingName): string | undefined;
  /** Hears that the text cannot be read as what it should be. */
  problem(name: SettingName, message: string): void;
}

/** Reads one setting: its text where it was given and can be read, else the fallback. */
type Read<T> = (source: SettingSource, fallback: T, name: SettingName) => T;

/** @param parse Returns undefined for text that is not `expected`. */
function reader<T>(expected: string, parse: (text: string) => T | undefined): Read<T> {
  return (source, fallback, name) => {
    const given = source.text(name);
    if (given === undefined || given === '') return fallback;
    const parsed = parse(given);
    if (parsed !== undefined) return parsed;
    source.problem(name, `must be ${expected}, got ${JSON.stringify(given.slice(0, 80))}`);
    return fallback;
  };
}

export const text: Read<string> = reader('text', (value) => value);

export const optionalText: Read<string | undefined> = reader<string | undefined>('text', (value) => value);

export const secret: Read<SecretValue | undefined> = reader<SecretValue | undefined>(
  'text',
  (value) => new SecretValue(value),
);

/** A whole number that a double holds exactly; narrower limits are checked later, with the other rules. */
export const count: Read<number> = reader('a whole number', (value) =>
  /^\d{1,15}$/.test(value) ? Number(value) : undefined,
);

/** A TCP port, 0 for none. */
export const port: Read<number> = reader('a port from 0 to 65535', (value) =>
  /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined,
);

/** What Go's `strconv.ParseBool` takes, because environment files were written for it. */
export const flag: Read<boolean> = reader('true or false', (value) =>
  /^([1tT]|true|TRUE|True)$/.test(value)
    ? true
    : /^([0fF]|false|FALSE|False)$/.test(value)
      ? false
      : undefined,
);

/** A duration above zero in Go's notation (`30s`, `1m30s`), in milliseconds. */
export const duration: Read<number> = reader('a positive duration such as 30s', (value) =>
  isDuration(value) && parseMilliseconds(value) > 0 ? parseMilliseconds(value) : undefined,
);

/** One of some words. */
export function oneOf<const T extends string>(
  source: SettingSource,
  values: readonly T[],
  fallback: NoInfer<T>,
  name: SettingName,
): T {
  return reader(`one of ${values.filter(Boolean).join(', ')}`, (value) =>
    values.find((one) => one === value),
  )(source, fallback, name);
}
