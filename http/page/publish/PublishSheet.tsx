/**
 * The publishing form beside the list; a published message is selected when it is there.
 */
import { useLayoutEffect, useRef } from "preact/hooks"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useSignal } from "../data/Signal.js"
import type { PageMessage } from "../logic/message.js"
import { Icon } from "../shell/Icon.js"
import { PublishForm } from "./PublishForm.js"

export const PublishSheet = ({ pool, session }: { readonly pool: string; readonly session: PoolSession }) => {
  const page = usePage()
  const draft = useSignal(page.publishing)
  const sheet = useRef<HTMLElement>(null)
  useLayoutEffect(() => sheet.current?.querySelector("textarea")?.focus(), [])
  const select = (message: PageMessage): void => {
    // It comes with the stream; what is not live, or filtered out, is shown all the same.
    session.selected.set(message)
    const until = Date.now() + 2_000
    const look = (): void => {
      const found = session.buffer.findSeq(message.seq)
      if (found?.isExact === true) session.wanted.set({ row: session.rows.rowOf(found.row) })
      else if (Date.now() < until) setTimeout(look, 50)
    }
    look()
  }
  if (draft === undefined) return null
  return (
    <section ref={sheet} class="sheet" aria-label="Publish">
      <div class="detail-head">
        <h2>Publish to {pool}</h2>
        <button
          type="button"
          class="button plain icon"
          aria-label="Close"
          onClick={() => page.publishing.set(undefined)}
        >
          <Icon name="close" />
        </button>
      </div>
      <PublishForm key={draft.dataText} pool={pool} draft={draft} onPublished={select} />
    </section>
  )
}
