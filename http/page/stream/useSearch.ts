/**
 * The search over what is loaded: works in slices between frames, keeps up with what comes, and steps through the hits.
 */
import { useEffect, useMemo, useReducer } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { GroupSession } from "../data/GroupSession.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useDerived, useSignal } from "../data/Signal.js"
import { compileSearch, Searcher, type Matcher } from "../logic/search.js"

/** A slice leaves most of a frame to everything else. */
const sliceMillis = 6

export interface Search {
  readonly matcher: Matcher | undefined
  readonly problem: string | undefined
  readonly count: number
  /** Which hit is selected, from 1; 0 when none is. */
  readonly place: number
  readonly isWorking: boolean
  readonly step: (direction: 1 | -1) => void
}

export const useSearch = (pool: PoolSession | GroupSession): Search => {
  const { router } = usePage()
  const text = useDerived(router, ({ search }) => search)
  const caseSensitive = useDerived(router, ({ searchCase }) => searchCase)
  const regex = useDerived(router, ({ searchRegex }) => searchRegex)
  const [, redraw] = useReducer<number, void>((count) => count + 1, 0)
  const compiled = useMemo(() => compileSearch({ text, caseSensitive, regex }), [text, caseSensitive, regex])
  const { matcher } = compiled
  const localTest = useSignal(pool.localTest)
  const rows = "members" in pool ? pool.rows : pool.buffer
  const searcher = useMemo(() => {
    if (matcher === undefined) return undefined
    const shown = localTest ?? (() => true)
    return new Searcher(rows, { ...matcher, matches: (message) => shown(message) && matcher.matches(message) })
  }, [matcher, rows, localTest])
  useEffect(() => {
    if (searcher === undefined) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const work = (): void => {
      timer = undefined
      const isDone = searcher.work(sliceMillis, () => performance.now())
      redraw()
      if (!isDone) timer = setTimeout(work, 4)
    }
    const plan = (): void => {
      timer ??= setTimeout(work, 60)
    }
    work()
    const end = pool.changed.subscribe(plan)
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [searcher, pool])
  const row = pool.foundRow
  const step = (direction: 1 | -1): void => {
    if (searcher === undefined) return
    const from = pool.foundRow ?? (direction > 0 ? rows.firstRow - 1 : rows.endRow)
    const next = direction > 0 ? searcher.next(from) : searcher.previous(from)
    if (next === undefined) return
    pool.show(next)
    redraw()
  }
  return {
    matcher,
    problem: compiled.problem,
    count: searcher?.hitRows.length ?? 0,
    place: row === undefined ? 0 : (searcher?.placeOf(row) ?? 0),
    isWorking: searcher?.isDone === false,
    step
  }
}
