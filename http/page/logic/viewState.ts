/**
 * What the address says and nothing else knows: pool, filters, position, display. Reading never fails; what cannot be
 * understood is left out. The token is never part of it.
 */

export type TimeStyle = "relative" | "absolute"
export type TimeZoneName = "local" | "utc"
export type Density = "normal" | "compact"
/** How several pools are shown: as one list by time, or a list each. */
export type GroupLayout = "merged" | "columns"

export interface ViewState {
  /** The selected pool; undefined is the overview. */
  readonly pool: string | undefined
  /** Pools that are opened together with it; on the overview, those that are chosen to be. */
  readonly others: ReadonlyArray<string>
  /** Undefined: merged. */
  readonly layout: GroupLayout | undefined
  /** The selected message. */
  readonly seq: number | undefined
  /** Which of the other pools the selected message is of; undefined: `pool`. */
  readonly seqPool: string | undefined
  /** A window of time, milliseconds since 1970, as chosen on the timeline. */
  readonly from: number | undefined
  readonly until: number | undefined
  readonly tags: ReadonlyArray<string>
  readonly withoutTags: ReadonlyArray<string>
  readonly where: ReadonlyArray<string>
  readonly search: string
  readonly searchCase: boolean
  readonly searchRegex: boolean
  /** Field paths pinned as columns. */
  readonly columns: ReadonlyArray<string>
  /** Undefined: as the reader has it elsewhere. */
  readonly density: Density | undefined
  readonly zone: TimeZoneName | undefined
  readonly timeStyle: TimeStyle | undefined
  /** What the overview is sorted by, with a minus in front when descending, and the names it shows. */
  readonly sort: string | undefined
  readonly names: string
}

export const emptyView: ViewState = {
  pool: undefined,
  others: [],
  layout: undefined,
  seq: undefined,
  seqPool: undefined,
  from: undefined,
  until: undefined,
  tags: [],
  withoutTags: [],
  where: [],
  search: "",
  searchCase: false,
  searchRegex: false,
  columns: [],
  density: undefined,
  zone: undefined,
  timeStyle: undefined,
  sort: undefined,
  names: ""
}

export const overviewPath = "/ui"
const poolPrefix = "/ui/pools/"

/** Of an absolute address. */
export const readView = (href: string): ViewState => {
  const url = new URL(href)
  const query = url.searchParams
  const one = <A extends string>(name: string, ...known: ReadonlyArray<A>): A | undefined => {
    const value = query.get(name)
    return known.find((word) => word === value)
  }
  return {
    pool: readPool(url.pathname),
    others: distinct(query.getAll("with")),
    layout: one("layout", "merged", "columns"),
    seq: readInteger(query.get("seq")),
    seqPool: query.get("of") || undefined,
    from: readTime(query.get("from")),
    until: readTime(query.get("until")),
    tags: distinct(query.getAll("tag")),
    withoutTags: distinct(query.getAll("not-tag")),
    where: distinct(query.getAll("where")),
    search: query.get("search") ?? "",
    searchCase: query.get("case") === "1",
    searchRegex: query.get("regex") === "1",
    columns: distinct(query.getAll("column")),
    density: one("density", "normal", "compact"),
    zone: one("zone", "local", "utc"),
    timeStyle: one("times", "relative", "absolute"),
    sort: query.get("sort") ?? undefined,
    names: query.get("names") ?? ""
  }
}

/** Path and query, to be put behind the origin. What `readView` reads from it is the same view. */
export const viewHref = (view: ViewState): string => {
  const query = new URLSearchParams()
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== "") query.append(name, String(value))
  }
  for (const other of view.others) add("with", other)
  add("layout", view.layout)
  add("seq", view.seq)
  add("of", view.seqPool)
  add("from", timeParameter(view.from))
  add("until", timeParameter(view.until))
  for (const tag of view.tags) add("tag", tag)
  for (const tag of view.withoutTags) add("not-tag", tag)
  for (const expression of view.where) add("where", expression)
  add("search", view.search)
  add("case", view.searchCase ? 1 : undefined)
  add("regex", view.searchRegex ? 1 : undefined)
  for (const column of view.columns) add("column", column)
  add("density", view.density)
  add("zone", view.zone)
  add("times", view.timeStyle)
  add("sort", view.sort)
  add("names", view.names)
  const text = query.toString()
  return `${view.pool === undefined ? overviewPath : poolPath(view.pool)}${text === "" ? "" : `?${text}`}`
}

/** Names may hold much, but no slash, and none is `.` or `..`. */
export const poolPath = (pool: string): string => `${poolPrefix}${encodeURIComponent(pool)}`

const readPool = (path: string): string | undefined => {
  if (!path.startsWith(poolPrefix)) return undefined
  const segment = path.slice(poolPrefix.length).replace(/\/$/, "")
  if (segment === "" || segment.includes("/")) return undefined
  try {
    return decodeURIComponent(segment)
  } catch {
    // A percent sign that was never meant as an escape.
    return segment
  }
}

const readInteger = (text: string | null): number | undefined => {
  const value = text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  return value !== undefined && value > 0 ? value : undefined
}

const readTime = (text: string | null): number | undefined => {
  if (text === null) return undefined
  const millis = Date.parse(text)
  return Number.isNaN(millis) ? undefined : millis
}

const timeParameter = (millis: number | undefined): string | undefined =>
  millis === undefined ? undefined : new Date(millis).toISOString()

const distinct = (values: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(values.filter((value) => value !== ""))
]
