import * as z from 'zod';

const recordingSchema = z.object({ xds: z.record(z.string(), z.unknown()) });

/** What a proxy was sent, by type URL and name. A generated suffix of sixteen hexadecimal digits counts by its place alone. */
export function readRecording(text: string): unknown {
  return recordingSchema.parse(JSON.parse(text.replace(/-[0-9a-f]{16}\b/g, '-HASH'))).xds;
}

/** The word SECRET in base64, which stands for key material that was blanked. */
const blanked = 'U0VDUkVU';

/** The places at which two configurations differ. Endpoints are sets, and blanked key material is not looked at. */
export function differences(want: unknown, got: unknown, at = ''): readonly string[] {
  if (Array.isArray(want)) {
    return Array.isArray(got) ? listDifferences(want, got, at) : [`${at}: want a list, got ${short(got)}`];
  }
  if (isObject(want)) {
    return isObject(got) ? objectDifferences(want, got, at) : [`${at}: want an object, got ${short(got)}`];
  }
  if (at.endsWith(' inlineBytes') && (want === blanked || got === blanked)) {
    return [];
  }
  return want === got ? [] : [`${at}: want ${short(want)}, got ${short(got)}`];
}

function objectDifferences(
  want: Readonly<Record<string, unknown>>,
  got: Readonly<Record<string, unknown>>,
  at: string,
): readonly string[] {
  return [
    ...Object.entries(want).flatMap(([name, value]) =>
      Object.hasOwn(got, name)
        ? differences(value, got[name], `${at} ${name}`)
        : [`${at} ${name}: missing, want ${short(value)}`],
    ),
    ...Object.entries(got).flatMap(([name, value]) =>
      Object.hasOwn(want, name) ? [] : [`${at} ${name}: unexpected ${short(value)}`],
    ),
  ];
}

function listDifferences(want: readonly unknown[], got: readonly unknown[], at: string): readonly string[] {
  if (want.length !== got.length) {
    return [`${at}: want ${want.length} items, got ${got.length}: ${short(got)}`];
  }
  const isSet = at.endsWith(' lbEndpoints') || at.endsWith(' endpoints');
  const [wanted, gotten] = isSet ? [sorted(want), sorted(got)] : [want, got];
  return wanted.flatMap((value, position) => differences(value, gotten[position], `${at} ${position}`));
}

function sorted(list: readonly unknown[]): readonly unknown[] {
  return [...list].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
