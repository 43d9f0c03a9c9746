/** One value of a metric. */
export interface Sample {
  /** With the suffix of histograms, such as `_bucket`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all its values. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const pair = labelPair.exec(text);
    const [, name, value] = pair ?? [];
    if (name === undefined || value === undefined || name in labels) {
      throw new Error(`labels that cannot be read: ${text}`);
    }
    labels[name] = value.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function numberOf(text: string): number {
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  if (text === '' || Number.isNaN(value)) {
    throw new Error(`no number: ${text}`);
  }
  return value;
}

/** A histogram's buckets rise, end with all, and agree with its count. */
function checkHistogram({ name, samples }: MetricFamily): void {
  const series = new Map<string, { le: number; value: number }[]>();
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const { le, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    if (sample.name === `${name}_bucket`) {
      series.set(key, [...(series.get(key) ?? []), { le: numberOf(le ?? ''), value: sample.value }]);
    } else if (sample.name === `${name}_count`) {
      counts.set(key, sample.value);
    } else if (sample.name !== `${name}_sum`) {
      throw new Error(`${sample.name} is no part of a histogram`);
    }
  }
  for (const [key, buckets] of series) {
    const rises = buckets.every(({ le, value }, at) => {
      const before = buckets[at - 1];
      return before === undefined || (before.le < le && before.value <= value);
    });
    const last = buckets.at(-1);
    if (!rises || last?.le !== Number.POSITIVE_INFINITY || last.value !== counts.get(key)) {
      throw new Error(`the buckets of ${name}${key} do not add up`);
    }
  }
}

interface OpenFamily extends MetricFamily {
  type: string;
  readonly samples: Sample[];
}

/** Takes lines one after the other. */
function createReader() {
  const families = new Map<string, OpenFamily>();
  const seen = new Set<string>();
  let family: OpenFamily | undefined;

  const readHelp = (name: string, help: string) => {
    if (families.has(name) || !metricName.test(name)) {
      throw new Error(`${name} is there twice, or is no name`);
    }
    family = { name, help, type: '', samples: [] };
    families.set(name, family);
  };

  const readType = (name: string, type: string) => {
    if (family?.name !== name || family.type !== '' || family.samples.length > 0) {
      throw new Error(`the type of ${name} is in the wrong place`);
    }
    family.type = type;
  };

  const readSample = (line: string) => {
    const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? [];
    if (family === undefined || family.type === '' || !name.startsWith(family.name)) {
      throw new Error(`a line that cannot be read: ${line}`);
    }
    const sample = { name, labels: labelsOf(labels), value: numberOf(value) };
    const series = JSON.stringify([name, Object.entries(sample.labels).sort()]);
    if (seen.has(series) || (family.type === 'counter' && sample.value < 0)) {
      throw new Error(`${series} is there twice, or is a counter below zero`);
    }
    seen.add(series);
    family.samples.push(sample);
  };

  return {
    families,
    read(line: string) {
      const [, what, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
      if (what === 'HELP') {
        readHelp(name, rest);
      } else if (what === 'TYPE') {
        readType(name, rest);
      } else {
        readSample(line);
      }
    },
  };
}

/**
 * Reads Prometheus' text format, and is strict about it. Source: Prometheus, "Exposition formats", text format 0.0.4.
 *
 * @throws Error for what breaks the format: unknown lines, values without a type, series that are there twice,
 *   counters below zero, histograms that do not add up.
 */
export function readExposition(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith('\n')) {
    throw new Error('the last line must end');
  }
  const reader = createReader();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    reader.read(line);
  }
  for (const each of reader.families.values()) {
    if (each.type === 'histogram') {
      checkHistogram(each);
    }
  }
  return reader.families;
}

/** The sum of the values of all series with these labels; 0 where there are none. `name` may have a histogram's suffix. */
export function valueIn(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
  if (family === undefined) {
    throw new Error(`there is no metric ${name}`);
  }
  return family.samples
    .filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}
