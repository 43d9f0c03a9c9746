import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What is known of a metric without looking at its values. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Makes the metrics of one registry and remembers what they are, so that documents can be held against them. */
export interface MetricFactory {
  counter<Label extends string>(name: string, help: string, ...labels: Label[]): Counter<Label>;
  gauge<Label extends string>(name: string, help: string, ...labels: Label[]): Gauge<Label>;
  /** A gauge or counter without labels whose value is asked for at each scrape; absent values are left out. */
  asked(type: 'gauge' | 'counter', name: string, help: string, value: () => number | undefined): void;
  /** `buckets`: the upper bounds, in seconds. */
  histogram<Label extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    ...labels: Label[]
  ): Histogram<Label>;
  readonly definitions: readonly MetricDefinition[];
}

export function createMetricFactory(registry: Registry): MetricFactory {
  const definitions: MetricDefinition[] = [];
  const registers = [registry];
  const define = (type: MetricDefinition['type'], name: string, help: string, labels: readonly string[]) => {
    definitions.push({ name, type, help, labels });
  };
  return {
    definitions,
    counter(name, help, ...labelNames) {
      define('counter', name, help, labelNames);
      return new Counter({ name, help, labelNames, registers });
    },
    gauge(name, help, ...labelNames) {
      define('gauge', name, help, labelNames);
      return new Gauge({ name, help, labelNames, registers });
    },
    asked(type, name, help, value) {
      define(type, name, help, []);
      if (type === 'gauge') {
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.remove();
            const now = value();
            if (now !== undefined) {
              this.set(now);
            }
          },
        });
      } else {
        new Counter({
          name,
          help,
          registers,
          collect() {
            this.reset();
            this.inc(value() ?? 0);
          },
        });
      }
    },
    histogram(name, help, buckets, ...labelNames) {
      define('histogram', name, help, labelNames);
      return new Histogram({ name, help, labelNames, buckets: [...buckets], registers });
    },
  };
}
