import type { MeshContext } from '../context/mesh-context.ts';
import type { Resource } from '../model/resource.ts';
import type { InsightsView } from '../store/insights.ts';
import { answeredOnce, changedLives, livesOf, type RelayLives, relaysOf } from './relays.ts';
import { isRowOf, type ProxyRow, type RelayAlive, rowOf } from './rows.ts';
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
  /** The relays that hold streams, or did, and whether they lived when this was made. */
  readonly relays: RelayLives;
}

/** When so many are known that hold nothing any more, they are looked for anew. */
const maxRelays = 64;

/** The rows of Dataplanes, and those of before that went or became others. */
interface Rows {
  readonly byName: ReadonlyMap<string, ProxyRow>;
  readonly gone: readonly ProxyRow[];
  readonly come: readonly ProxyRow[];
}

function rowsOf(
  before: ReadonlyMap<string, ProxyRow>,
  dataplanes: ReadonlyMap<string, Resource>,
  { records }: InsightsView,
  alive: RelayAlive,
  changed: ReadonlySet<string>,
): Rows {
  const byName = new Map<string, ProxyRow>();
  const gone: ProxyRow[] = [];
  const come: ProxyRow[] = [];
  const hasChanged: RelayAlive = (relay) => changed.has(relay);
  let found = 0;
  for (const [name, dataplane] of dataplanes) {
    const known = before.get(name);
    const stored = records.get(name);
    found += known === undefined ? 0 : 1;
    if (known !== undefined && isRowOf(known, dataplane, stored, hasChanged)) {
      byName.set(name, known);
    } else {
      const row = rowOf(dataplane, stored, alive);
      byName.set(name, row);
      come.push(row);
      gone.push(...(known === undefined ? [] : [known]));
    }
  }
  if (found < before.size) {
    gone.push(...[...before].flatMap(([name, row]) => (dataplanes.has(name) ? [] : [row])));
  }
  return { byName, gone, come };
}

/** The relays of before and those that came with these rows; a list that has grown is made anew. */
function relaysNow(before: RelayLives, { byName, come }: Rows, alive: RelayAlive): RelayLives {
  const added = relaysOf(come.flatMap(({ record }) => record ?? []));
  const all = new Set([...before.keys(), ...added]);
  const relays =
    all.size <= maxRelays ? all : relaysOf([...byName.values()].flatMap(({ record }) => record ?? []));
  return livesOf(relays, alive);
}

const noLives: RelayLives = new Map();
const noDataplanes: ReadonlyMap<string, Resource> = new Map();

/**
 * The model of what is there now. Whom nothing happened to is compared and not looked at: of 10,000 proxies three
 * milliseconds where one changed, and nothing where none did.
 */
export function advance(
  before: MeshModel | undefined,
  context: MeshContext,
  insights: InsightsView,
  liveness: RelayAlive,
): MeshModel {
  const alive = answeredOnce(liveness);
  const dataplanes = context.resources.get('Dataplane') ?? noDataplanes;
  const changed = changedLives(before?.relays ?? noLives, alive);
  const isSame =
    before !== undefined &&
    before.insights === insights &&
    (before.context.resources.get('Dataplane') ?? noDataplanes) === dataplanes &&
    changed.size === 0;
  if (isSame) {
    return before.context === context ? before : { ...before, context };
  }
  const rows = rowsOf(before?.byName ?? new Map(), dataplanes, insights, alive, changed);
  const { byName, gone, come } = rows;
  const isTallied = before !== undefined && gone.length === 0 && come.length === 0;
  const tally = isTallied ? before.tally : retally(before?.tally ?? emptyTally, gone, come);
  const relays = relaysNow(before?.relays ?? noLives, rows, alive);
  return { context, insights, rows: [...byName.values()], byName, tally, relays };
}
