/**
 * Views of the open pool that were given a name: filters and columns, kept on this device; and whether messages that match
 * are notified of while the reader is elsewhere.
 */
import { useState } from "preact/hooks"
import { askPermission, presentProblem } from "../data/Notifier.js"
import { usePage } from "../data/Page.js"
import { openSavedView, type SavedView } from "../data/SavedViews.js"
import { useSignal } from "../data/Signal.js"
import { viewHref } from "../logic/viewState.js"
import { copyText } from "../shell/Clipboard.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

export const ViewsDialog = () => {
  const page = usePage()
  const pool = page.router.value.pool ?? ""
  const views = useSignal(page.views.of(pool))
  const [name, setName] = useState("")
  const [problem, setProblem] = useState(() => (views.some(({ notifies }) => notifies) ? presentProblem() : undefined))
  const keep = (next: ReadonlyArray<SavedView>): void => page.views.keep(pool, next)
  const save = (event: Event): void => {
    event.preventDefault()
    const given = name.trim()
    if (given === "") return
    const href = viewHref({ ...page.router.value, seq: undefined, seqPool: undefined })
    const notifies = views.find((view) => view.name === given)?.notifies === true
    keep([...views.filter((view) => view.name !== given), { name: given, href, notifies }])
    setName("")
  }
  const toggle = async (view: SavedView): Promise<void> => {
    const found = view.notifies === true ? undefined : await askPermission()
    setProblem(found)
    if (found !== undefined) return
    // Another tab may have changed the list meanwhile.
    const held = page.views.of(pool).value
    keep(held.map((other) => (other.name === view.name ? { ...other, notifies: view.notifies !== true } : other)))
  }
  return (
    <Dialog title="Saved views" onClose={() => page.closeDialog()} testId={testIds.viewsDialog}>
      <div class="content">
        {views.length === 0 ? (
          <p class="muted">A view keeps the filters and columns of this pool under a name.</p>
        ) : null}
        <ul>
          {views.map((view) => (
            <li key={view.name} class="menu-item">
              <button
                type="button"
                class="button plain"
                onClick={() => {
                  page.closeDialog()
                  openSavedView(page, view, pool)
                }}
              >
                <Icon name="bookmark" />
                <span class="truncate">{view.name}</span>
              </button>
              <span class="grow" />
              <button
                type="button"
                class="button plain icon"
                aria-label={`Notify me of ${view.name}`}
                title="Notify me of matching messages"
                aria-pressed={view.notifies === true}
                data-testid={testIds.viewNotify}
                onClick={() => void toggle(view)}
              >
                <Icon name="bell" />
              </button>
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
        {problem === undefined ? null : (
          <p class="problem" role="alert" data-testid={testIds.notifyProblem}>
            {problem}
          </p>
        )}
        {views.length === 0 ? null : (
          <p class="hint">
            {views.some(({ notifies }) => notifies)
              ? "While this pool is open here and you look elsewhere, matching messages are notified of, without a sound. For that a stream of them stays open, even when the tab is hidden."
              : "The bell notifies you of messages that match a view while you look elsewhere."}
          </p>
        )}
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
