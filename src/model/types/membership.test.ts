import { expect, it } from 'vitest';
import type { DataplaneSpec } from './dataplane-schema.ts';
import { membershipProblem } from './membership.ts';

type Tags = Record<string, string>;

function dataplane(...inbounds: Tags[]): DataplaneSpec {
  return { networking: { inbound: inbounds.map((tags) => ({ tags })) } };
}
const gateway: DataplaneSpec = { networking: { gateway: { tags: { team: 'x' } } } };

it.each<readonly [DataplaneSpec, Tags[], Tags[], RegExp | undefined]>([
  [dataplane({}), [], [], undefined],
  [dataplane({ team: 'x' }), [{ team: '*' }], [], undefined],
  [dataplane({ team: 'x' }), [{ team: 'y' }, { team: 'x' }], [], undefined],
  [gateway, [{ team: 'x' }], [], undefined],
  [gateway, [{ team: 'y' }], [], /its tags "team=x" does not fulfill any requirements/],
  [
    dataplane({ b: '2', a: '1' }),
    [{ team: '*' }],
    [],
    /mesh "m" because its tags "a=1 b=2" does not fulfill/,
  ],
  [dataplane({ team: 'x' }, {}), [{ team: '*' }], [], /does not fulfill/],
  [dataplane({ team: 'x', env: 'dev' }), [{ team: 'x', env: 'prod' }], [], /does not fulfill/],
  [
    dataplane({ team: 'x' }),
    [],
    [{ team: 'x' }],
    /its tags "team=x" matches restricted tags "team=x" defined on/,
  ],
  [dataplane({ team: 'x' }), [], [{ team: 'y' }], undefined],
  [dataplane({ team: 'x' }), [{ team: '*' }], [{ team: '*' }], /matches restricted tags/],
])('%j against requirements %j and restrictions %j', (spec, requirements, restrictions, expected) => {
  const rules = {
    requirements: requirements.map((tags) => ({ tags })),
    restrictions: restrictions.map((tags) => ({ tags })),
  };
  const problem = membershipProblem('m', { constraints: { dataplaneProxy: rules } }, spec);
  expect(problem ?? '').toMatch(expected ?? /^$/);
});

it('is open where the mesh has no constraints', () => {
  expect(membershipProblem('m', {}, dataplane({}))).toBeUndefined();
});
