/**
 * Views of a pool that were given a name: filters, columns, whether matching messages are notified of. Kept on this device,
 * the same in all tabs.
 */
import { emptyView, readView, type ViewState } from "../logic/viewState.js"
import type { Page } from "./Page.js"
import { readStored, store } from "./Preferences.js"
import { Signal } from "./Signal.js"

export interface SavedView {
  readonly name: string
  /** Path and query. */
  readonly href: string
  readonly notifies?: boolean
}

const prefix = "plasmite.views."

const stored = (pool: string): ReadonlyArray<SavedView> => {
  const views = readStored<ReadonlyArray<SavedView>>(prefix + pool, [])
  return Array.isArray(views) ? views : []
}

export class SavedViews {
  private readonly lists = new Map<string, Signal<ReadonlyArray<SavedView>>>()

  constructor() {
    addEventListener("storage", ({ key }) => {
      for (const [pool, list] of this.lists) if (key === null || key === prefix + pool) list.set(stored(pool))
    })
  }

  of(pool: string): Signal<ReadonlyArray<SavedView>> {
    const held = this.lists.get(pool) ?? new Signal(stored(pool))
    this.lists.set(pool, held)
    return held
  }

  keep(pool: string, views: ReadonlyArray<SavedView>): void {
    this.of(pool).set(views)
    store(prefix + pool, views)
  }
}

/** The filters of a saved view for a pool, whatever the pool was called when it was saved. */
export const viewOf = ({ href }: SavedView, pool: string): ViewState => ({
  ...emptyView,
  ...readView(location.origin + href),
  pool,
  seq: undefined,
  seqPool: undefined
})

export const openSavedView = (page: Page, view: SavedView, pool: string, part: Partial<ViewState> = {}): void =>
  page.router.change({ ...viewOf(view, pool), ...part }, { isStep: true })
