/** One broken rule: the path of the field, in Kuma's notation, and the words of the reference. */
export interface Violation {
  /** Such as `networking.inbound[0].tags["kuma.io/service"]`. */
  readonly field: string;
  readonly message: string;
}

/** Joins a path and a member: `field('a', 'b')` is `a.b`, `field('', 'b')` is `b`. */
export function field(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

/** The path of a list's element: `networking.inbound[0]`. */
export function index(parent: string, position: number): string {
  return `${parent}[${position}]`;
}

/** The path of a map's entry: `tags["kuma.io/service"]`. */
export function key(parent: string, name: string): string {
  return `${parent}[${JSON.stringify(name)}]`;
}

/** Collects violations in the order in which they are found, so that a caller hears of all mistakes at once. */
export class Violations {
  readonly list: Violation[] = [];

  add(path: string, message: string): this {
    this.list.push({ field: path, message });
    return this;
  }

  get empty(): boolean {
    return this.list.length === 0;
  }
}
