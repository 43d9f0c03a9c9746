import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { silentLogger } from '../../src/model/ports.ts';
import { createObservability } from '../../src/observability/observability.ts';
import { metricsOf, type UsedMetric } from './expressions.ts';

const ruleSchema = z.strictObject({
  alert: z.string().regex(/^Kumulus[A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string().min(10), runbook: z.string() }),
});
const alertsSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema).min(1) })).min(1),
});
const panelSchema = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string().min(2),
  gridPos: z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() }),
  targets: z.array(z.object({ expr: z.string(), refId: z.string() })).optional(),
});
const dashboardSchema = z.object({
  uid: z.string(),
  panels: z.array(panelSchema),
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.unknown() })) }),
});

const operations = 'docs/operations.md';
const { groups } = alertsSchema.parse(parse(readFileSync('infra/observability/alerts.yml', 'utf8')));
const rules = groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(
  JSON.parse(readFileSync('infra/observability/grafana-dashboard.json', 'utf8')),
);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

const observability = createObservability({ clock: Date.now, logger: silentLogger, instance: 'test' });
const { definitions } = observability;
afterAll(observability.stop);

/** What Prometheus adds to every series that it scrapes. */
const scrapeLabels = ['job', 'instance'];
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** What is wrong with how a metric is used; empty where nothing is. */
function mistakes({ name, labels, functions }: UsedMetric): string[] {
  if (name === 'up') {
    return [];
  }
  const definition = definitions.find((each) =>
    suffixes[each.type]?.some((suffix) => `${each.name}${suffix}` === name),
  );
  if (definition === undefined) {
    return [`there is no metric ${name}`];
  }
  const known = [...scrapeLabels, ...definition.labels, ...(name.endsWith('_bucket') ? ['le'] : [])];
  const isCumulative = definition.type !== 'gauge';
  const isRated = functions.some((each) => ['rate', 'increase', 'irate'].includes(each));
  return [
    ...labels.filter((label) => !known.includes(label)).map((label) => `${name} has no label ${label}`),
    ...(isCumulative !== isRated ? [`${name}, a ${definition.type}, in ${functions.join('(')}`] : []),
  ];
}

const document = readFileSync(operations, 'utf8');
const headings = [...document.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);

describe('the alert rules', () => {
  it.each(rules)('$alert uses metrics that there are', ({ expr }) => {
    const used = metricsOf(expr);
    expect(used).not.toEqual([]);
    expect(used.flatMap(mistakes)).toEqual([]);
  });

  it.each(rules)('$alert says where it is told what to do', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`${operations}#${alert.toLowerCase()}`);
    expect(headings).toContain(alert);
    const section = document.split(`### ${alert}\n`)[1]?.split(/\n##/)[0] ?? '';
    for (const part of ['**Means**', '**See more**', '**Do**']) {
      expect(section).toContain(part);
    }
  });

  it('are each there once, and so are the sections', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    expect(headings.filter((heading) => heading?.startsWith('Kumulus')).sort()).toEqual([...names].sort());
  });

  it('have templates of labels that their expression keeps', () => {
    for (const { alert, expr, annotations } of rules) {
      const labels = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      const kept = metricsOf(expr).flatMap(({ labels: used }) => used);
      const isAggregated = /\b(sum|count|min|max) by/.test(expr);
      for (const label of labels) {
        const isKept = isAggregated ? kept.includes(label ?? '') : scrapeLabels.includes(label ?? '');
        expect(isKept, `${alert}: ${label}`).toBe(true);
      }
    }
  });
});

describe('the dashboard', () => {
  it.each(queries)('$title: $expr', ({ expr }) => {
    const used = metricsOf(expr);
    expect(used).not.toEqual([]);
    expect(used.flatMap(mistakes)).toEqual([]);
  });

  it('shows every metric', () => {
    const shown = new Set(queries.flatMap(({ expr }) => metricsOf(expr).map(({ name }) => name)));
    const missing = definitions.filter(
      ({ name, type }) => !suffixes[type]?.some((suffix) => shown.has(`${name}${suffix}`)),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('has panels that do not lie on each other, and variables that there are', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    const variables = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = queries.flatMap(({ expr }) => [...expr.matchAll(/\$(?!__)(\w+)/g)].map(([, name]) => name));
    expect([...new Set(used)].filter((name) => !variables.has(name ?? ''))).toEqual([]);
  });
});

describe('mistakes in expressions', () => {
  it.each([
    { expr: 'rate(kumulus_nonsense_total[5m])', mistake: 'there is no metric kumulus_nonsense_total' },
    {
      expr: 'sum by (mesh) (rate(kumulus_nacks_total[5m]))',
      mistake: 'kumulus_nacks_total has no label mesh',
    },
    { expr: 'kumulus_nacks_total > 0', mistake: 'kumulus_nacks_total, a counter, in ' },
    { expr: 'rate(kumulus_ready[5m])', mistake: 'kumulus_ready, a gauge, in rate' },
    {
      expr: 'rate(kumulus_propagation_seconds[5m])',
      mistake: 'there is no metric kumulus_propagation_seconds',
    },
    { expr: 'kumulus_ready{shard="1"}', mistake: 'kumulus_ready has no label shard' },
  ])('$expr is found out', ({ expr, mistake }) => {
    expect(metricsOf(expr).flatMap(mistakes)).toEqual([mistake]);
  });

  it.each(['sum(rate(kumulus_nacks_total[5m])', 'kumulus_ready{', 'kumulus_ready ==', ''])(
    '%s is no PromQL',
    (expr) => {
      expect(() => metricsOf(expr)).toThrow('no PromQL');
    },
  );
});

describe('docs/operations.md', () => {
  it('lists all metrics as they are', () => {
    const rows = definitions.map(({ name, type, labels, help }) => {
      const list = labels.map((label) => `\`${label}\``).join(', ');
      return [`\`${name}\``, type, list, help];
    });
    const table = [['metric', 'type', 'labels', 'what it says'], ...rows];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
    const line = (cells: readonly string[]) =>
      `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
    const [head = [], ...body] = table;
    const text = [
      line(head),
      `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
      ...body.map(line),
    ].join('\n');
    const marked = /(<!-- metrics -->\n)[\s\S]*?(\n<!-- end of metrics -->)/;
    expect(document).toMatch(marked);
    const wanted = document.replace(marked, (_, begin: string, end: string) => `${begin}${text}${end}`);
    if (process.env.UPDATE_GOLDENS === '1') {
      writeFileSync(operations, wanted);
    } else {
      expect(document).toBe(wanted);
    }
  });
});
