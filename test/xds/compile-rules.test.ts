import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { MeshContext } from '../../src/context/mesh-context.ts';
import { typePolicies } from '../../src/match/policies-of-type.ts';
import type { Policy } from '../../src/match/policy.ts';
import { proxyOf } from '../../src/match/proxy.ts';
import { resourceRules } from '../../src/match/resource-rules.ts';
import type { SubsetRule } from '../../src/match/subset-rules.ts';
import { policyTypes } from '../../src/policies/index.ts';
import { readMeshes } from './support/compile-fixture.ts';

const folder = join(process.env.CONFORMANCE_DIR ?? '../shared/conformance', 'policies');

/** Cases that need resources of types that are not known yet. */
const without = new Set([
  'timeout-rules-section',
  'retry-on-route',
  'permission-rules-spiffe',
  'timeout-gateway',
]);

const meta = z.object({ name: z.string() });
const matchers = z.array(z.object({ key: z.string(), value: z.string(), not: z.boolean() }));
const subsetRule = z.object({ conf: z.unknown(), matchers, origin: z.array(meta) });
const origin = z.object({ resourceMeta: meta, ruleIndex: z.number() });
const inbound = z.object({ port: z.number() });
const ruleSet = z.object({
  type: z.string(),
  toRules: z.array(subsetRule).default([]),
  fromRules: z.array(z.object({ inbound, rules: z.array(subsetRule) })).default([]),
  inboundRules: z
    .array(
      z.object({
        inbound,
        rules: z.array(z.object({ conf: z.array(z.unknown()), origin: z.array(origin) })),
      }),
    )
    .default([]),
  toResourceRules: z
    .array(z.object({ conf: z.array(z.unknown()), origin: z.array(origin), resourceMeta: meta }))
    .default([]),
});
const answer = z.object({ status: z.number(), body: z.object({ rules: z.array(ruleSet) }) });

describe.skipIf(!existsSync(folder))(
  'the rules that policies make, against recordings of the reference',
  () => {
    const cases = (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => /^(timeout|retry|circuitbreaker|permission)-/.test(name) && !without.has(name))
      .flatMap((name) =>
        readdirSync(join(folder, name, 'inspect'))
          .filter((file) => file.endsWith('._rules.json'))
          .map((file) => [name, file.slice(0, -'._rules.json'.length)] as const),
      );

    it.each(cases)('%s: %s', (name, proxyName) => {
      const { contexts, dataplanes } = readMeshes(readFileSync(join(folder, name, 'resources.yaml'), 'utf8'));
      const context = contexts.get('default');
      const dataplane = dataplanes.find((one) => one.name === proxyName);
      const recorded = answer.parse(
        JSON.parse(readFileSync(join(folder, name, 'inspect', `${proxyName}._rules.json`), 'utf8')),
      );
      expect(recorded.status).toBe(200);
      expect(context).toBeDefined();
      expect(dataplane).toBeDefined();
      if (context === undefined || dataplane === undefined) {
        return;
      }
      expect(recorded.body.rules).not.toHaveLength(0);
      for (const rules of recorded.body.rules) {
        expect(rulesOf(rules.type, context, proxyOf(dataplane)), rules.type).toEqual({
          ...rules,
          toResourceRules: byName(rules.toResourceRules),
        });
      }
    });
  },
);

/** What the matcher says, in the form of the inspection API. */
function rulesOf(type: string, context: MeshContext, proxy: ReturnType<typeof proxyOf>) {
  const kind = policyTypes.find(({ name }) => name === type);
  expect(kind, type).toBeDefined();
  const matched = typePolicies(kind ?? { name: type }, context.resources.get(type) ?? new Map()).match(proxy);
  const inbounds = proxy.inbounds.flatMap(({ port }, position) => {
    const rules = matched.inbounds[position];
    return rules === undefined ? [] : [{ port, rules }];
  });
  return {
    type,
    toRules: matched.outbound.rules.map(subsetRuleJson),
    fromRules: inbounds
      .filter(({ rules }) => rules.from.length > 0)
      .map(({ port, rules }) => ({ inbound: { port }, rules: rules.from.map(subsetRuleJson) })),
    inboundRules: inbounds
      .filter(({ rules }) => rules.rules.length > 0)
      .map(({ port, rules }) => ({
        inbound: { port },
        rules: rules.rules.map((rule) => ({
          conf: [rule.conf],
          origin: [{ resourceMeta: metaJson(rule.origin), ruleIndex: rule.ruleIndex }],
        })),
      })),
    toResourceRules: byName(
      resourceRules(matched.policies, context).map((rule) => ({
        conf: [rule.conf],
        origin: rule.origin.map(({ policy, ruleIndex }) => ({ resourceMeta: metaJson(policy), ruleIndex })),
        resourceMeta: { name: rule.destination.resource.name },
      })),
    ),
  };
}

function subsetRuleJson({ subset, conf, origin }: SubsetRule) {
  return { conf, matchers: [...subset], origin: origin.map(metaJson) };
}

function metaJson({ name }: Policy) {
  return { name };
}

function byName<T extends { readonly resourceMeta: { readonly name: string } }>(
  rules: readonly T[],
): readonly T[] {
  return [...rules].sort((a, b) => (a.resourceMeta.name < b.resourceMeta.name ? -1 : 1));
}
