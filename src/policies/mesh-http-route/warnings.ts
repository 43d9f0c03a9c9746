import { patternProblem } from '../../model/regular-expression.ts';
import type { HttpRouteMatch, MeshHttpRouteSpec } from './schema.ts';

/** Warnings of expressions that Envoy would refuse; the reference takes them without a word. */
export function expressionWarnings({ to = [] }: MeshHttpRouteSpec): readonly string[] {
  return to.flatMap(({ rules }, item) =>
    rules.flatMap(({ matches }, rule) =>
      matches.flatMap((match, position) =>
        expressionsOf(match)
          .filter(([, expression]) => patternProblem(expression) !== undefined)
          .map(
            ([path]) =>
              `'spec.to[${item}].rules[${rule}].matches[${position}].${path}' must be a regular expression of RE2.`,
          ),
      ),
    ),
  );
}

/** The expressions of a match, with their paths. */
function expressionsOf({ path, queryParams = [], headers = [] }: HttpRouteMatch) {
  const values: readonly (readonly [
    path: string,
    match: { readonly type: string; readonly value?: string },
  ])[] = [
    ...(path === undefined ? [] : [['path.value', path] as const]),
    ...queryParams.map((match, position) => [`queryParams[${position}].value`, match] as const),
    ...headers.map((match, position) => [`headers[${position}].value`, match] as const),
  ];
  return values
    .filter(([, { type }]) => type === 'RegularExpression')
    .map(([at, { value = '' }]) => [at, value] as const);
}
