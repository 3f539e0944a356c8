/**
 * Deletes the open pool once its name has been typed.
 */
import { useState } from "preact/hooks"
import { messageOf } from "../data/Client.js"
import { poolRoute } from "../logic/routes.js"
import { usePage } from "../data/Page.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

export const DeleteDialog = () => {
  const page = usePage()
  const name = page.pool.value?.pool ?? ""
  const [typed, setTyped] = useState("")
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (typed !== name) return
    try {
      await page.client.text(poolRoute(name, ""), { method: "DELETE" })
      page.closeDialog()
      page.router.openOverview()
      await page.feed.refresh()
      page.say(`Deleted ${name}`)
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <Dialog title="Delete the pool" onClose={() => page.closeDialog()}>
      <form class="content" onSubmit={(event) => void submit(event)}>
        <p>
          All messages of <b>{name}</b> are gone then, for everybody. Type its name to confirm.
        </p>
        <input
          class="input"
          aria-label="Name of the pool"
          autocomplete="off"
          spellcheck={false}
          data-testid={testIds.deleteName}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {problem === undefined ? null : (
          <span class="problem" role="alert">
            {problem}
          </span>
        )}
        <div class="buttons">
          <button type="button" class="button" onClick={() => page.closeDialog()}>
            Cancel
          </button>
          <button type="submit" class="button danger" disabled={typed !== name} data-testid={testIds.deleteConfirm}>
            Delete
          </button>
        </div>
      </form>
    </Dialog>
  )
}
