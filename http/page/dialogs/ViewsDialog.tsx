/**
 * Views of the open pool that were given a name: filters and columns, kept on this device.
 */
import { useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import { readStored, store } from "../data/Preferences.js"
import { emptyView, readView, viewHref } from "../logic/viewState.js"
import { copyText } from "../shell/Clipboard.js"
import { Icon } from "../shell/Icon.js"
import { Dialog } from "./Dialog.js"

interface SavedView {
  readonly name: string
  /** Path and query. */
  readonly href: string
}

const storageKey = (pool: string): string => `plasmite.views.${pool}`

export const ViewsDialog = () => {
  const page = usePage()
  const pool = page.router.value.pool ?? ""
  const [views, setViews] = useState(() => readStored<ReadonlyArray<SavedView>>(storageKey(pool), []))
  const [name, setName] = useState("")
  const keep = (next: ReadonlyArray<SavedView>): void => {
    setViews(next)
    store(storageKey(pool), next)
  }
  const save = (event: Event): void => {
    event.preventDefault()
    const given = name.trim()
    if (given === "") return
    const href = viewHref({ ...page.router.value, seq: undefined })
    keep([...views.filter((view) => view.name !== given), { name: given, href }])
    setName("")
  }
  const open = ({ href }: SavedView): void => {
    page.closeDialog()
    const { pool: _pool, seq: _seq, ...view } = readView(location.origin + href)
    page.router.change({ ...emptyView, ...view, pool }, { isStep: true })
  }
  return (
    <Dialog title="Saved views" onClose={() => page.closeDialog()}>
      <div class="content">
        {views.length === 0 ? (
          <p class="muted">A view keeps the filters and columns of this pool under a name.</p>
        ) : null}
        <ul>
          {views.map((view) => (
            <li key={view.name} class="menu-item">
              <button type="button" class="button plain" onClick={() => open(view)}>
                <Icon name="bookmark" />
                {view.name}
              </button>
              <span class="grow" />
              <button
                type="button"
                class="button plain icon"
                aria-label={`Copy a link to ${view.name}`}
                onClick={() => void copyText(page, location.origin + view.href, "Link")}
              >
                <Icon name="link" />
              </button>
              <button
                type="button"
                class="button plain icon"
                aria-label={`Remove ${view.name}`}
                onClick={() => keep(views.filter((held) => held !== view))}
              >
                <Icon name="trash" />
              </button>
            </li>
          ))}
        </ul>
        <form class="row-fields" onSubmit={save}>
          <input
            class="input"
            placeholder="Name of the present view"
            aria-label="Name of the present view"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
          <button type="submit" class="button primary" disabled={name.trim() === ""}>
            Save
          </button>
        </form>
      </div>
    </Dialog>
  )
}
