/** Cells in columns as wide as their widest one, three blanks apart, as kumactl prints tables. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

const units: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** How long ago something was, in its largest unit, such as `3d`; `never` for what never was. */
export function age(time: string | undefined, now: number): string {
  const since = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(since) || since <= 0) {
    return 'never';
  }
  const seconds = Math.max(0, Math.floor((now - since) / 1_000));
  const [length, unit] = units.find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(seconds / length)}${unit}`;
}
