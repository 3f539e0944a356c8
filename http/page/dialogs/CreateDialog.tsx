/**
 * Makes a pool. What the server would refuse is said before it is asked.
 */
import { useState } from "preact/hooks"
import { messageOf } from "../data/Client.js"
import { usePage } from "../data/Page.js"
import { formatBytes, parseBytes } from "../logic/format.js"
import { utf8Length } from "../logic/message.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

const smallestBytes = 64 * 1024

const nameProblem = (name: string, taken: ReadonlyArray<string>): string | undefined => {
  if (name === "") return "A pool needs a name."
  if (name === "." || name === "..") return "This name means a directory."
  if (/[/\\]/.test(name)) return "A name has no slashes."
  if ([...name].some((character) => character.codePointAt(0)! < 0x20 || character === "\u007f"))
    return "A name has no control characters."
  if (utf8Length(encodeURIComponent(name)) > 200) return "The name is too long."
  return taken.includes(name) ? "There is a pool of this name." : undefined
}

export const CreateDialog = () => {
  const page = usePage()
  const [name, setName] = useState("")
  const [size, setSize] = useState("1 MiB")
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)
  const [isTouched, setTouched] = useState(false)
  const limit = page.server.value?.limits.max_pool_bytes ?? Number.MAX_SAFE_INTEGER
  const bytes = parseBytes(size)
  const badName = nameProblem(
    name,
    page.feed.value.pools.map((pool) => pool.name)
  )
  const badSize =
    bytes === undefined
      ? "Write a size such as 64 MiB."
      : bytes > limit
        ? `The server allows ${formatBytes(limit)} at most.`
        : bytes < smallestBytes
          ? `A pool has ${formatBytes(smallestBytes)} at least.`
          : undefined
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setTouched(true)
    if (badName !== undefined || badSize !== undefined || isBusy) return
    setBusy(true)
    try {
      await page.client.text("/v0/pools", { method: "POST", body: JSON.stringify({ pool: name, size_bytes: bytes }) })
      await page.feed.refresh()
      page.closeDialog()
      page.router.openPool(name)
    } catch (error) {
      setProblem(messageOf(error))
    } finally {
      setBusy(false)
    }
  }
  const shownName = isTouched ? badName : undefined
  const shownSize = isTouched || size !== "1 MiB" ? badSize : undefined
  return (
    <Dialog title="Create a pool" onClose={() => page.closeDialog()} testId={testIds.createForm}>
      <form class="content" onSubmit={(event) => void submit(event)} noValidate>
        <div class="field">
          <label for="pool-name">Name</label>
          <input
            id="pool-name"
            class="input"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={shownName !== undefined}
            data-testid={testIds.createName}
            value={name}
            onInput={({ currentTarget }) => {
              setName(currentTarget.value)
              setProblem(undefined)
            }}
          />
          {shownName === undefined ? null : <span class="problem">{shownName}</span>}
        </div>
        <div class="field">
          <label for="pool-size">Size</label>
          <input
            id="pool-size"
            class="input"
            autocomplete="off"
            aria-invalid={shownSize !== undefined}
            aria-describedby="pool-size-hint"
            data-testid={testIds.createSize}
            value={size}
            onInput={({ currentTarget }) => setSize(currentTarget.value)}
          />
          {shownSize === undefined ? (
            <span class="hint" id="pool-size-hint">
              When it is full, the oldest messages are overwritten.
            </span>
          ) : (
            <span class="problem">{shownSize}</span>
          )}
        </div>
        {problem === undefined ? null : (
          <span class="problem" role="alert">
            {problem}
          </span>
        )}
        <div class="buttons">
          <button type="button" class="button" onClick={() => page.closeDialog()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy} data-testid={testIds.createSubmit}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}
