import { Option } from 'commander';
import { stringify } from 'yaml';

export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** `-o table|json|yaml`. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats).default('table');
}

/** A value in the asked format; what it looks like as a table is the caller's to say. */
export function formatted(format: Format, value: unknown, asTable: () => string): string {
  if (format === 'json') {
    return `${JSON.stringify(value, null, 2)}\n`;
  }
  return format === 'yaml' ? stringify(value) : asTable();
}
