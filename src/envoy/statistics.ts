/** A name as it may occur in Envoy's statistics: whatever is no letter, digit, `_` or `-` becomes `_`. */
export function statisticName(name: string): string {
  return name.replace(/[^a-zA-Z_\-0-9]/g, '_');
}
