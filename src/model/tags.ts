import { key, type Violations } from './violations.ts';

/** Tags with a meaning of their own. */
export const serviceTag = 'kuma.io/service';
export const protocolTag = 'kuma.io/protocol';
export const zoneTag = 'kuma.io/zone';

export type Tags = Readonly<Record<string, string>>;

/** The tags as they are, none where there are none. */
const none: Tags = {};

/** How tags are checked; without options only their characters are. */
export interface TagOptions {
  readonly requireTag?: boolean;
  readonly requireService?: boolean;
  /** Called between the first rules and those for each tag, as the reference orders them. */
  readonly extra?: (violations: Violations, path: string, tags: Tags) => void;
  /** Called for each tag, after the rule for the characters of its name. */
  readonly extraName?: (violations: Violations, path: string, name: string) => void;
}

const nameCharacters = /^[a-zA-Z0-9.\-_:/]*$/;
const valueCharacters = /^[a-zA-Z0-9.\-_:]*$/;
const selectorCharacters = /^([a-zA-Z0-9.\-_:/]*|\*)$/;

/** Whether a text has only characters that names of tags may have. */
export function isTagName(text: string): boolean {
  return nameCharacters.test(text);
}

/** Checks the tags of a proxy. */
export function validateTags(
  violations: Violations,
  path: string,
  tags: Tags | undefined,
  options: TagOptions = {},
): void {
  checkTags(violations, path, tags ?? none, options, (value) =>
    valueCharacters.test(value)
      ? undefined
      : 'tag value must consist of alphanumeric characters, dots, dashes and underscores',
  );
}

/** Checks tags that select proxies: values may have slashes, or be `*`. */
export function validateSelector(
  violations: Violations,
  path: string,
  tags: Tags | undefined,
  options: TagOptions = {},
): void {
  checkTags(violations, path, tags ?? none, options, (value) =>
    selectorCharacters.test(value)
      ? undefined
      : 'tag value must consist of alphanumeric characters, dots, dashes, slashes and underscores or be "*"',
  );
}

/** Whether tags have every tag that the selector asks for; `*` asks for any value. An empty selector matches all. */
export function matchesSelector(selector: Tags, tags: Tags): boolean {
  return Object.entries(selector).every(
    ([name, value]) => Object.hasOwn(tags, name) && (value === '*' || tags[name] === value),
  );
}

function checkTags(
  violations: Violations,
  path: string,
  tags: Tags,
  options: TagOptions,
  valueProblem: (value: string) => string | undefined,
): void {
  const names = Object.keys(tags).sort();
  if (options.requireTag === true && names.length === 0) {
    violations.add(path, 'must have at least one tag');
  }
  options.extra?.(violations, path, tags);
  for (const name of names) {
    checkTag(violations, path, name, tags[name] ?? '', options, valueProblem);
  }
  if (options.requireService === true && !Object.hasOwn(tags, serviceTag)) {
    violations.add(path, `mandatory tag "${serviceTag}" is missing`);
  }
}

function checkTag(
  violations: Violations,
  path: string,
  name: string,
  value: string,
  options: TagOptions,
  valueProblem: (value: string) => string | undefined,
): void {
  if (name === '') {
    violations.add(path, 'tag name must be non-empty');
  }
  if (!isTagName(name)) {
    violations.add(
      key(path, name),
      'tag name must consist of alphanumeric characters, dots, dashes, slashes and underscores',
    );
  }
  options.extraName?.(violations, path, name);
  if (value === '') {
    violations.add(key(path, name), 'tag value must be non-empty');
  }
  const problem = valueProblem(value);
  if (problem !== undefined) {
    violations.add(key(path, name), problem);
  }
}
