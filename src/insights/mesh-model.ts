import type { MeshContext } from '../context/mesh-context.ts';
import { digestOf } from '../store/insights/digest.ts';
import type { InsightsView } from '../store/insights.ts';
import { type ProxyRow, type RelayAlive, rowOf } from './rows.ts';
import { emptyTally, type MeshTally, retally } from './tally.ts';

/**
 * All that is shown of a mesh's proxies, at one moment: configuration, what is known of the streams, and which relays
 * live. Immutable; what did not change is the same object as in the model before.
 */
export interface MeshModel {
  readonly context: MeshContext;
  readonly insights: InsightsView;
  /** In the order of the names. */
  readonly rows: readonly ProxyRow[];
  readonly byName: ReadonlyMap<string, ProxyRow>;
  readonly tally: MeshTally;
  /** The relays that proxies name, and whether they lived when this was made. */
  readonly relays: ReadonlyMap<string, boolean>;
}

/** Of a view which relays it names, with one look at each record. */
const relaysOfViews = new WeakMap<InsightsView, ReadonlySet<string>>();

function relaysOf(view: InsightsView): ReadonlySet<string> {
  const known = relaysOfViews.get(view);
  if (known !== undefined) {
    return known;
  }
  const relays = new Set<string>();
  for (const record of view.records.values()) {
    for (const relay of digestOf(record).openAt) {
      relays.add(relay);
    }
  }
  relaysOfViews.set(view, relays);
  return relays;
}

function aliveNow(view: InsightsView, alive: RelayAlive): ReadonlyMap<string, boolean> {
  return new Map([...relaysOf(view)].map((relay) => [relay, alive(relay)]));
}

function sameLives(one: ReadonlyMap<string, boolean>, other: ReadonlyMap<string, boolean>): boolean {
  return one.size === other.size && [...one].every(([relay, lives]) => other.get(relay) === lives);
}

/** Two lists in the order of names, compared by identity. */
function difference(
  before: ReadonlyMap<string, ProxyRow>,
  after: ReadonlyMap<string, ProxyRow>,
): { readonly gone: readonly ProxyRow[]; readonly come: readonly ProxyRow[] } {
  const gone: ProxyRow[] = [];
  const come: ProxyRow[] = [];
  for (const [name, row] of before) {
    if (after.get(name) !== row) {
      gone.push(row);
    }
  }
  for (const [name, row] of after) {
    if (before.get(name) !== row) {
      come.push(row);
    }
  }
  return { gone, come };
}

/**
 * The model of what is there now. Whom nothing happened to is compared and not looked at: of 10,000 proxies some
 * milliseconds where one changed, and nothing where none did.
 */
export function advance(
  before: MeshModel | undefined,
  context: MeshContext,
  insights: InsightsView,
  alive: RelayAlive,
): MeshModel {
  const relays = aliveNow(insights, alive);
  const dataplanes = context.resources.get('Dataplane');
  const isSame =
    before !== undefined &&
    before.context.resources.get('Dataplane') === dataplanes &&
    before.insights === insights &&
    sameLives(before.relays, relays);
  if (isSame) {
    return before.context === context ? before : { ...before, context };
  }
  const lives: RelayAlive = (relay) => relays.get(relay) === true;
  const byName = new Map<string, ProxyRow>();
  for (const [name, dataplane] of dataplanes ?? []) {
    byName.set(name, rowOf(dataplane, insights.records.get(name), lives, before?.byName.get(name)));
  }
  const { gone, come } = difference(before?.byName ?? new Map(), byName);
  const tally =
    gone.length === 0 && come.length === 0 && before !== undefined
      ? before.tally
      : retally(before?.tally ?? emptyTally, gone, come);
  return { context, insights, rows: [...byName.values()], byName, tally, relays };
}
