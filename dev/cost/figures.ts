/** `1.2 million`, `43,800`, `28`. */
export function amount(value: number): string {
  return value >= 1e6
    ? `${(value / 1e6).toLocaleString('en-US', { maximumFractionDigits: value >= 1e8 ? 0 : 2 })} million`
    : Math.round(value).toLocaleString('en-US');
}

/** Gigabytes as people write them: `0.4 MB`, `12 GB`. */
export function dataSize(gigabytes: number): string {
  const [value, unit] = gigabytes >= 1 ? [gigabytes, 'GB'] : [gigabytes * 1_000, 'MB'];
  return `${value.toLocaleString('en-US', { maximumFractionDigits: value >= 10 ? 0 : 2 })} ${unit}`;
}

/** `$1.23`; below a cent with as many digits as tell something, and `$0` for nothing. */
export function money(dollars: number): string {
  if (dollars === 0) {
    return '$0';
  }
  if (dollars < 0.01) {
    return `$${dollars.toPrecision(1)}`;
  }
  const digits = dollars < 1_000 ? 2 : 0;
  return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
