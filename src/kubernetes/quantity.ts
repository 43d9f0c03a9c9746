/** Thousandths of thousandths of thousandths: what is finer is rounded up, as Kubernetes does. */
const nanosPerUnit = 10n ** 9n;

/** A number and the suffix that it came with, as Kubernetes' `resource.Quantity` keeps them. */
interface Quantity {
  readonly nanos: bigint;
  readonly isBinary: boolean;
  readonly hasExponent: boolean;
}

const decimals: readonly (readonly [suffix: string, power: number])[] = [
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['', 0],
  ['m', -3],
  ['u', -6],
  ['n', -9],
];
const binaries: readonly string[] = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'];

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei)|[eE]([+-]?\d{1,3})|([numkMGTPE]?))$/;

/** Reads a quantity such as `100m`, `1.5Gi` or `1e3`; undefined for what is none. */
function readQuantity(text: string): Quantity | undefined {
  if (text.length > 64) return undefined;
  const [found, sign, whole = '', fraction = '', binary, exponent, suffix = ''] = form.exec(text) ?? [];
  if (found === undefined || (whole === '' && fraction === '')) return undefined;
  const power =
    exponent === undefined ? (decimals.find(([name]) => name === suffix)?.[1] ?? 0) : Number(exponent);
  const digits = BigInt(`${whole}${fraction}`);
  const scale =
    binary === undefined
      ? { by: 10n ** BigInt(Math.max(power + 9, 0)), parts: 10n ** BigInt(Math.max(-power - 9, 0)) }
      : {
          by: nanosPerUnit * 1024n ** BigInt(binaries.length - binaries.indexOf(binary)),
          parts: 1n,
        };
  const parts = scale.parts * 10n ** BigInt(fraction.length);
  const nanos = (digits * scale.by + parts - 1n) / parts;
  return {
    nanos: sign === '-' ? -nanos : nanos,
    isBinary: binary !== undefined,
    hasExponent: exponent !== undefined,
  };
}

/** Whether Kubernetes takes the text for a quantity. */
export function isQuantity(text: string): boolean {
  return readQuantity(text) !== undefined;
}

/**
 * A quantity as Kubernetes writes it: a whole number with the largest suffix that leaves it whole (`1000m` is `1`).
 *
 * @throws RangeError for what is none.
 */
export function canonicalQuantity(text: string): string {
  const { nanos, isBinary, hasExponent } = known(text);
  if (isBinary && (nanos <= -1024n * nanosPerUnit || nanos >= 1024n * nanosPerUnit)) {
    const units = quotientUp(nanos, nanosPerUnit);
    const power = binaries.findIndex((_, index) => units % 1024n ** BigInt(binaries.length - index) === 0n);
    return power < 0 ? `${units}` : `${units / 1024n ** BigInt(binaries.length - power)}${binaries[power]}`;
  }
  if (nanos === 0n) return '0';
  const [suffix, power] = decimals.find(([, exponent]) => nanos % 10n ** BigInt(exponent + 9) === 0n) ?? [
    'n',
    -9,
  ];
  const number = nanos / 10n ** BigInt(power + 9);
  if (!hasExponent) return `${number}${suffix}`;
  return power === 0 ? `${number}` : `${number}e${power}`;
}

/**
 * How many thousandths a quantity is, rounded up: `1500m` and `1.5` are 1500.
 *
 * @throws RangeError for what is none.
 */
export function milliQuantity(text: string): number {
  return Number(quotientUp(known(text).nanos, 1_000_000n));
}

function known(text: string): Quantity {
  const quantity = readQuantity(text);
  if (quantity === undefined) throw new RangeError(`${JSON.stringify(text)} is no quantity of Kubernetes`);
  return quantity;
}

function quotientUp(dividend: bigint, divisor: bigint): bigint {
  return dividend < 0n ? dividend / divisor : (dividend + divisor - 1n) / divisor;
}
