/**
 * Publishes JSON Lines that are pasted or dropped, one after the other, up to the first that fails.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import { usePage } from "../data/Page.js"
import { publishLines, type ManyProgress } from "../data/publish.js"
import { formatCount } from "../logic/format.js"
import { parseTags } from "../logic/publishCheck.js"
import { Meter } from "../overview/Sparkline.js"
import { Dialog } from "./Dialog.js"

export const PublishManyDialog = () => {
  const page = usePage()
  const pool = page.router.value.pool
  const [text, setText] = useState("")
  const [tagText, setTagText] = useState("")
  const [progress, setProgress] = useState<ManyProgress | undefined>(undefined)
  const [isSending, setSending] = useState(false)
  const sending = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => sending.current?.abort(), [])
  if (pool === undefined) return null
  const send = async (): Promise<void> => {
    const running = new AbortController()
    sending.current = running
    setSending(true)
    const end = await publishLines(page.client, pool, text, parseTags(tagText), setProgress, running.signal)
    setProgress(end)
    setSending(false)
  }
  const takeFile = (file: File | undefined): void => void file?.text().then(setText)
  return (
    <Dialog title={`Publish many to ${pool}`} onClose={() => page.closeDialog()} isWide>
      <form
        class="content"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <div class="field">
          <label for="many-lines">One JSON object per line. Paste them, or drop a file.</label>
          <textarea
            id="many-lines"
            class="editor"
            rows={12}
            spellcheck={false}
            data-testid="many-lines"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault()
              takeFile(event.dataTransfer?.files[0])
            }}
          />
        </div>
        <div class="field">
          <label for="many-tags">Tags for all, separated by commas</label>
          <input
            id="many-tags"
            class="input"
            value={tagText}
            onInput={({ currentTarget }) => setTagText(currentTarget.value)}
          />
        </div>
        {progress === undefined ? null : (
          <div role="status" data-testid="many-progress">
            <Meter percent={progress.total === 0 ? 0 : (progress.sent / progress.total) * 100} label="Progress" />
            <p class={progress.failure === undefined ? "hint" : "problem"}>
              {formatCount(progress.sent)} of {formatCount(progress.total)} published.
              {progress.failure === undefined
                ? ""
                : ` Stopped at line ${progress.failure.line}: ${progress.failure.message}`}
            </p>
          </div>
        )}
        <div class="buttons">
          {isSending ? (
            <button type="button" class="button" onClick={() => sending.current?.abort()}>
              Stop
            </button>
          ) : null}
          <button
            type="submit"
            class="button primary"
            disabled={isSending || text.trim() === ""}
            data-testid="many-send"
          >
            Publish
          </button>
        </div>
      </form>
    </Dialog>
  )
}
