/**
 * The view that the address bar describes. Going to another pool or message can be gone back from; typing in a filter
 * replaces what is there.
 */
import { viewOfPools } from "../logic/poolGroup.js"
import { emptyView, readView, viewHref, type ViewState } from "../logic/viewState.js"
import { pinnedColumns, rememberColumns } from "./pinnedColumns.js"
import { Signal } from "./Signal.js"

export class Router extends Signal<ViewState> {
  constructor() {
    super(readView(location.href))
    addEventListener("popstate", () => this.set(readView(location.href)))
  }

  /** Changes a part of the view. */
  change(part: Partial<ViewState>, { isStep = false }: { readonly isStep?: boolean } = {}): void {
    const next = { ...this.value, ...part }
    const href = viewHref(next)
    if (href === location.pathname + location.search) return
    if (isStep) history.pushState(null, "", href)
    else history.replaceState(null, "", href)
    const { columns, others, pool } = next
    if (part.columns !== undefined && pool !== undefined && others.length === 0) rememberColumns(pool, columns)
    this.set(next)
  }

  openPool(pool: string, part: Partial<ViewState> = {}): void {
    this.go({ ...emptyView, columns: pinnedColumns(pool), ...part, pool })
  }

  /** Several become one view; of one it is the pool alone. */
  openPools(pools: ReadonlyArray<string>, part: Partial<ViewState> = {}): void {
    this.go({ ...emptyView, ...part, ...viewOfPools(pools) })
  }

  /** With pools that are chosen there to be opened together. */
  openOverview(chosen: ReadonlyArray<string> = []): void {
    this.go({ ...emptyView, others: chosen })
  }

  private go(view: ViewState): void {
    const { density, names, sort, timeStyle, zone } = this.value
    const next = { ...view, density, timeStyle, zone, ...(view.pool === undefined ? { sort, names } : {}) }
    history.pushState(null, "", viewHref(next))
    this.set(next)
  }
}
