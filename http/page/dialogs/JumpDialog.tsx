/**
 * Goes to a number, a time, an age, the oldest or the newest.
 */
import { useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import { jumpHelp, parseJump } from "../logic/jump.js"
import { testIds } from "../testIds.js"
import { Dialog } from "./Dialog.js"

export const JumpDialog = () => {
  const page = usePage()
  const [text, setText] = useState("")
  const [isWrong, setWrong] = useState(false)
  const go = (typed: string): void => {
    const target = parseJump(typed, Date.now())
    const group = page.group.value
    const pool = page.opened
    if (target === undefined) return setWrong(true)
    page.closeDialog()
    if (pool === undefined) return
    if (target.kind === "seq" && group !== undefined) void group.goToSeq(target.seq, page.pool.value?.pool)
    else if (target.kind === "seq") void page.pool.value?.goToSeq(target.seq)
    else if (target.kind === "time") void pool.goToTime(target.timeMillis)
    else if (target.kind === "oldest") void pool.goToOldest()
    else pool.goToNewest()
  }
  return (
    <Dialog title="Jump to" onClose={() => page.closeDialog()}>
      <form
        class="content"
        onSubmit={(event) => {
          event.preventDefault()
          go(text)
        }}
      >
        <input
          class="input"
          aria-label="Number or time"
          aria-invalid={isWrong}
          aria-describedby="jump-help"
          autocomplete="off"
          spellcheck={false}
          data-testid={testIds.jumpField}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setWrong(false)
          }}
        />
        <span class={isWrong ? "problem" : "hint"} id="jump-help">
          {page.group.value === undefined ? "" : `Numbers are those of ${page.pool.value?.pool}. `}
          {jumpHelp}
        </span>
        <div class="buttons">
          {["oldest", "1h", "5m", "newest"].map((place) => (
            <button type="button" key={place} class="button small" onClick={() => go(place)}>
              {place === "1h"
                ? "1 hour ago"
                : place === "5m"
                  ? "5 minutes ago"
                  : place === "oldest"
                    ? "Oldest"
                    : "Newest"}
            </button>
          ))}
          <button type="submit" class="button primary small">
            Go
          </button>
        </div>
      </form>
    </Dialog>
  )
}
