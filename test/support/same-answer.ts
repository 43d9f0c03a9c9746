/** Lists whose order means nothing. */
const sets: ReadonlySet<string> = new Set(['invalid_parameters', 'causes', 'features']);
/** Words that stand for what differs from run to run. */
const standIns = /\b(?:TIME|ID|TOKEN|KEY|PEM|HOSTNAME|HOST|SANS)\b/g;
/** What a parser says after these need not be said by another. */
const parserWords = /^[\s\S]*?(?:invalid \w+ object:|is invalid:)/;
const defaultPorts: ReadonlySet<unknown> = new Set([5681, 5678]);

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

/** Whether an answered text is the recorded one, with stand-ins for anything and any port for a default one. */
export function sameText(want: string, got: unknown): boolean {
  if (typeof got !== 'string') {
    return false;
  }
  if (want === got) {
    return true;
  }
  const start = parserWords.exec(want)?.[0];
  if (start !== undefined && got.startsWith(start)) {
    return true;
  }
  const pattern = want
    .split(standIns)
    .map((part) => escapeRegExp(part).replace(/\b(?:5681|5678)\b/g, '\\d+'))
    .join('[\\s\\S]*?');
  return new RegExp(`^${pattern}$`).test(got);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length < 200 ? text : `${text.slice(0, 200)}…`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function differencesOfSets(at: string, want: readonly unknown[], got: readonly unknown[]): readonly string[] {
  const rest = [...got];
  const missing = want.filter((item) => {
    const position = rest.findIndex((other) => differences(item, other).length === 0);
    if (position >= 0) {
      rest.splice(position, 1);
    }
    return position < 0;
  });
  return [
    ...missing.map((item) => `${at}: missing ${shown(item)}`),
    ...rest.map((item) => `${at}: unexpected ${shown(item)}`),
  ];
}

function differencesOfLists(at: string, want: readonly unknown[], got: unknown): readonly string[] {
  if (!Array.isArray(got)) {
    return [`${at}: want a list, got ${shown(got)}`];
  }
  if (sets.has(at.slice(at.lastIndexOf('/') + 1))) {
    return differencesOfSets(at, want, got);
  }
  return want.length === got.length
    ? want.flatMap((item, position) => differences(item, got[position], `${at}/${position}`))
    : [`${at}: want ${want.length} items, got ${got.length}: ${shown(got)}`];
}

/**
 * What is not in an answer as it was recorded: everything recorded must be there, more may be. The rules are those of
 * the recordings' own README.
 */
export function differences(want: unknown, got: unknown, at = ''): readonly string[] {
  if (isObject(want)) {
    return isObject(got)
      ? Object.entries(want).flatMap(([name, member]) =>
          Object.hasOwn(got, name)
            ? differences(member, got[name], `${at}/${name}`)
            : [`${at}/${name}: missing, want ${shown(member)}`],
        )
      : [`${at}: want an object, got ${shown(got)}`];
  }
  if (Array.isArray(want)) {
    return differencesOfLists(at, want, got);
  }
  const same =
    typeof want === 'string'
      ? sameText(want, got)
      : want === got || (defaultPorts.has(want) && typeof got === 'number');
  return same ? [] : [`${at}: want ${shown(want)}, got ${shown(got)}`];
}
