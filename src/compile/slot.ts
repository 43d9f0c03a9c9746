/** What was worked out for one proxy, and all that it was worked out from. */
export interface Slot<Value> {
  readonly inputs: readonly unknown[];
  readonly value: Value;
}

/** The slot as it was where all inputs are still the same, else a new one. */
export function nextSlot<Value>(
  before: Slot<Value> | undefined,
  inputs: readonly unknown[],
  make: () => Value,
): Slot<Value> {
  return before !== undefined && sameInputs(before.inputs, inputs) ? before : { inputs, value: make() };
}

/** Whether two lists of inputs hold the same things. */
export function sameInputs(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let position = 0; position < a.length; position++) {
    if (a[position] !== b[position]) {
      return false;
    }
  }
  return true;
}
