/**
 * The document's title: where one is, and how many messages came while nobody looked.
 */
import { useEffect } from "preact/hooks"
import type { Page } from "../data/Page.js"

const product = "Plasmite UI"

export const useTitle = (page: Page): void => {
  useEffect(() => {
    let seen = 0
    const draw = (): void => {
      const pool = page.opened
      const name = pool === undefined ? product : `${pool.pool} · ${product}`
      const unseen = document.hidden && page.preferences.value.titleCount ? (pool?.receivedCount ?? 0) - seen : 0
      document.title = unseen > 0 ? `(${unseen}) ${name}` : name
    }
    const mark = (): void => {
      seen = page.opened?.receivedCount ?? 0
      draw()
    }
    let unsubscribe: (() => void) | undefined
    const follow = (): void => {
      unsubscribe?.()
      unsubscribe = page.opened?.changed.subscribe(draw)
      mark()
    }
    follow()
    document.addEventListener("visibilitychange", mark)
    const ends = [page.pool.subscribe(follow), page.group.subscribe(follow)]
    return () => {
      for (const end of ends) end()
      unsubscribe?.()
      document.removeEventListener("visibilitychange", mark)
    }
  }, [page])
}
