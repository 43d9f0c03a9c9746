import * as z from 'zod';

/** Go writes texts, lists and maps that are not there as null, and reads null as empty. */
export const goText = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const texts = z.array(goText);

/** A list of texts, empty where it is null or absent. */
export const goTexts = texts.nullish().transform((list): readonly string[] => list ?? []);

/**
 * A map of lists of texts. Unlike zod's own records it has every key that the JSON has: one that was left out, such as
 * `__proto__`, would be a limit less.
 */
export const goTextLists = z
  .custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  )
  .nullish()
  .transform((map, context): Readonly<Record<string, readonly string[]>> => {
    const entries = Object.entries(map ?? {}).map(([key, value]) => {
      const list = goTexts.safeParse(value);
      if (!list.success)
        context.addIssue({ code: 'custom', message: 'must be a list of texts', path: [key] });
      return [key, list.data ?? []] as const;
    });
    return Object.fromEntries(entries);
  })
  .meta({ type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } });

/** The members of an object under the names that a schema has for them, which Go finds in any case; the last one counts. */
export function goMembers(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [byLowerCase.get(name.toLowerCase()) ?? name, member]),
  );
}
