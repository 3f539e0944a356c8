/**
 * What a server that is only written to offers: the publishing form, for a pool whose name one has to know.
 */
import { useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { MenuButton } from "../shell/MenuButton.js"
import { PublishForm } from "./PublishForm.js"

const emptyDraft = { dataText: "", tags: [] }

export const WriteOnly = () => {
  const page = usePage()
  const view = useSignal(page.router)
  const [name, setName] = useState(view.pool ?? "")
  return (
    <div class="overview">
      <header class="top">
        <MenuButton />
        <h1>Publish</h1>
      </header>
      <div class="write-only">
        <p class="muted">This server may only be written to. Pools and messages cannot be seen here.</p>
        <div class="field">
          <label for="write-pool">Pool</label>
          <input
            id="write-pool"
            class="input"
            autocomplete="off"
            spellcheck={false}
            data-testid="write-pool"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </div>
        <PublishForm pool={name} draft={emptyDraft} onPublished={() => undefined} />
      </div>
    </div>
  )
}
