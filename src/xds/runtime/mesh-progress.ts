import type { TypeUrl } from '../../compile/snapshot.ts';
import type { Clock } from '../../model/ports.ts';
import type { RelayProgress } from '../../store/propagation.ts';
import {
  type Behind,
  countsOf,
  type FollowedProxy,
  isFailure,
  namesOf,
  reasonOf,
} from './progress-summary.ts';

/** What a stream tells of how far its proxy has got. */
export interface ProxyProgress {
  /** Its configuration was brought up to date; the revision is that of its newest snapshot, which may be older. */
  configured(revision: number): void;
  /** Its configuration could not be made, and it keeps what it has. */
  notConfigured(): void;
  rejected(typeUrl: TypeUrl, message: string): void;
  /** It has taken everything of the snapshots up to this revision. */
  completed(revision: number): void;
  /** It has answered everything up to this revision; it refused something of these types and uses what was there before. */
  answered(revision: number, refused: readonly TypeUrl[]): void;
  /** The stream is gone. */
  closed(): void;
}

/** How urgently news is to be told: `now` where somebody may wait for it, who has all or gets no more. */
export type ProgressNews = 'now' | 'soon';

/** How far the proxies of one mesh have got that are connected here. */
export interface MeshProgress {
  /** A proxy came; it counts as behind until it has taken everything. */
  join(name: string): ProxyProgress;
  /** All members were told of the mesh at this revision: whoever is not behind has it. */
  told(revision: number): void;
  readonly proxies: number;
  summary(): RelayProgress;
}

export interface MeshProgressDeps {
  /** What members were told of before. */
  readonly told: number;
  readonly clock: Clock;
  readonly onNews: (news: ProgressNews) => void;
}

/** Creates the book of a mesh, with nobody in it. */
export function createMeshProgress(deps: MeshProgressDeps): MeshProgress {
  return new MeshBook(deps);
}

/**
 * Keeps how far the proxies of a mesh have got. Whom a change does not touch is sent nothing, and has the revision when
 * the mesh was told of it; so only those are kept that were given something and have not taken all of it.
 */
class MeshBook implements MeshProgress {
  newest: number;
  proxies = 0;
  /** Those that are behind for longest come first. */
  readonly behind = new Map<ProxyPage, Behind>();
  readonly #clock: Clock;
  readonly onNews: MeshProgressDeps['onNews'];

  constructor({ told, clock, onNews }: MeshProgressDeps) {
    this.newest = told;
    this.#clock = clock;
    this.onNews = onNews;
  }

  join(name: string): ProxyProgress {
    const page = new ProxyPage(name, this);
    this.proxies += 1;
    this.fallBehind(page, 0);
    this.onNews('soon');
    return page;
  }

  told(revision: number): void {
    if (revision > this.newest) {
      this.newest = revision;
      this.tell();
    }
  }

  summary(): RelayProgress {
    const { newest, proxies, behind } = this;
    return { told: newest, proxies, behind: countsOf(behind), named: namesOf(behind) };
  }

  fallBehind(page: ProxyPage, has: number): Behind {
    if (page.behind === undefined) {
      page.behind = { has, since: this.#clock(), failed: false, refused: new Map() };
      this.behind.set(page, page.behind);
    }
    return page.behind;
  }

  catchUp(page: ProxyPage): void {
    page.behind = undefined;
    this.behind.delete(page);
    this.tell();
  }

  leave(page: ProxyPage): void {
    this.proxies -= 1;
    page.behind = undefined;
    this.onNews(this.behind.delete(page) && this.behind.size === 0 ? 'now' : 'soon');
  }

  /** Tells of news that are the last where nobody is behind any more. */
  tell(): void {
    this.onNews(this.behind.size === 0 ? 'now' : 'soon');
  }
}

/** What is kept of each proxy. */
class ProxyPage implements ProxyProgress, FollowedProxy {
  readonly name: string;
  given = 0;
  lastAnswered = 0;
  behind: Behind | undefined;
  readonly #book: MeshBook;
  #lastCompleted = 0;
  #isClosed = false;

  constructor(name: string, book: MeshBook) {
    this.name = name;
    this.#book = book;
  }

  configured(revision: number): void {
    if (this.#isClosed) {
      return;
    }
    if (revision !== this.given) {
      this.given = revision;
      this.#book.fallBehind(this, this.#book.newest).failed = false;
      this.#book.onNews('soon');
    } else if (this.behind?.failed) {
      this.behind.failed = false;
      if (this.#lastCompleted >= revision && this.behind.refused.size === 0) {
        this.#book.catchUp(this);
      }
    }
  }

  notConfigured(): void {
    if (!this.#isClosed) {
      this.#book.fallBehind(this, this.#book.newest).failed = true;
      this.#book.onNews('now');
    }
  }

  rejected(typeUrl: TypeUrl, message: string): void {
    if (!this.#isClosed) {
      this.#book.fallBehind(this, Math.max(0, this.given - 1)).refused.set(typeUrl, message);
      this.#book.onNews('soon');
    }
  }

  completed(revision: number): void {
    this.#lastCompleted = revision;
    const state = this.behind;
    if (state === undefined || this.#isClosed) {
      return;
    }
    if (revision >= this.given && !state.failed) {
      this.#book.catchUp(this);
    } else if (revision > state.has) {
      state.has = revision;
      this.#book.onNews('soon');
    }
  }

  answered(revision: number, refused: readonly TypeUrl[]): void {
    this.lastAnswered = revision;
    const state = this.behind;
    if (state === undefined) {
      return;
    }
    for (const typeUrl of state.refused.keys()) {
      if (!refused.includes(typeUrl)) {
        state.refused.delete(typeUrl);
      }
    }
    if (isFailure(reasonOf(this, state))) {
      this.#book.onNews('now');
    }
  }

  closed(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#book.leave(this);
    }
  }
}
