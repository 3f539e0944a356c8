/**
 * Writes a message: JSON with its mistakes named by line and column before it is sent, tags, durability. What could not
 * be sent stays.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import type { Draft } from "../data/Page.js"
import { usePage } from "../data/Page.js"
import { publishOne, publishProblem, recentPublications, rememberPublication } from "../data/publish.js"
import { curlCommand, nodeProgram, pokeCommand } from "../logic/commandText.js"
import type { PageMessage } from "../logic/message.js"
import { checkPublish, formatForEditing, objectRule, parseTags } from "../logic/publishCheck.js"
import { copyText } from "../shell/Clipboard.js"
import { Menu, MenuItem } from "../shell/Menu.js"
import { testIds } from "../testIds.js"

export interface PublishFormProps {
  readonly pool: string
  readonly draft: Draft
  readonly onPublished: (message: PageMessage) => void
}

const sendKeys = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ Enter" : "Ctrl Enter"

export const PublishForm = ({ draft, onPublished, pool }: PublishFormProps) => {
  const page = usePage()
  const [text, setText] = useState(draft.dataText)
  const [tagText, setTagText] = useState(draft.tags.join(", "))
  const [durability, setDurability] = useState<"fast" | "flush">("fast")
  const [isSending, setSending] = useState(false)
  const [failure, setFailure] = useState<{ readonly message: string; readonly canRetry: boolean } | undefined>(
    undefined
  )
  const [result, setResult] = useState<string | undefined>(undefined)
  const editor = useRef<HTMLTextAreaElement>(null)
  const check = checkPublish(text)
  useEffect(() => {
    page.drafts.set(pool, { dataText: text, tags: parseTags(tagText) })
  }, [page, pool, text, tagText])
  const problem = text.trim() === "" ? undefined : check.problem
  const tags = parseTags(tagText)

  const send = async (): Promise<void> => {
    if (check.dataText === undefined) {
      setFailure({ message: check.problem.message, canRetry: false })
      return editor.current?.focus()
    }
    setSending(true)
    setFailure(undefined)
    setResult(undefined)
    try {
      const message = await publishOne(page.client, pool, { dataText: check.dataText, tags, durability })
      rememberPublication(pool, { text, tags })
      setResult(`Published as message ${message.seq}.`)
      page.announcer.say(`Published as message ${message.seq}`)
      onPublished(message)
    } catch (error) {
      setFailure(publishProblem(error))
    } finally {
      setSending(false)
    }
  }
  const format = (): void => {
    const formatted = formatForEditing(text)
    if (formatted.dataText !== undefined) setText(formatted.dataText)
  }
  const copyAs = (kind: "cli" | "curl" | "node"): void => {
    if (check.dataText === undefined) return page.say(check.problem.message, "failure")
    const source = { origin: location.origin, pool, needsToken: page.server.value?.auth === "bearer" }
    const publication = { dataText: check.dataText, tags, durability }
    const make = { cli: pokeCommand, curl: curlCommand, node: nodeProgram }[kind]
    void copyText(page, make(source, publication), "Command")
  }
  const message = failure?.message ?? problem?.message
  return (
    <form
      class="content"
      data-testid={testIds.publishForm}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        void send()
      }}
    >
      <div class="field">
        <label for="publish-data">Data</label>
        <textarea
          ref={editor}
          id="publish-data"
          class="editor"
          spellcheck={false}
          autocomplete="off"
          rows={12}
          placeholder={'{"service": "checkout", "level": "info"}'}
          aria-invalid={message !== undefined}
          aria-describedby="publish-problem"
          data-testid={testIds.publishEditor}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            setFailure(undefined)
            setResult(undefined)
          }}
        />
        <span
          id="publish-problem"
          class={message === undefined ? "hint" : "problem"}
          role={message === undefined ? undefined : "alert"}
          data-testid={message === undefined ? undefined : testIds.publishProblem}
        >
          {message ?? objectRule}
        </span>
      </div>
      <div class="field">
        <label for="publish-tags">Tags, separated by commas</label>
        <input
          id="publish-tags"
          class="input"
          autocomplete="off"
          spellcheck={false}
          data-testid={testIds.publishTags}
          value={tagText}
          onInput={({ currentTarget }) => setTagText(currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for="publish-durability">Durability</label>
        <select
          id="publish-durability"
          class="input"
          value={durability}
          onChange={({ currentTarget }) => setDurability(currentTarget.value === "flush" ? "flush" : "fast")}
        >
          <option value="fast">Fast: survives a crash of the programs</option>
          <option value="flush">Flush: on disk before the answer</option>
        </select>
      </div>
      {result === undefined ? null : (
        <p role="status" data-testid={testIds.publishResult}>
          {result}
        </p>
      )}
      <div class="buttons">
        <Menu label="Recent and copy as" text="Recent and copy as" side="left">
          {(close) => (
            <>
              <div class="menu-group">Copy as</div>
              <MenuItem
                label="pls command"
                onPick={() => {
                  close()
                  copyAs("cli")
                }}
              />
              <MenuItem
                label="curl command"
                onPick={() => {
                  close()
                  copyAs("curl")
                }}
              />
              <MenuItem
                label="Node program"
                onPick={() => {
                  close()
                  copyAs("node")
                }}
              />
              <div class="menu-group">Recent</div>
              {recentPublications(pool).map((recent, index) => (
                <MenuItem
                  key={index}
                  label={recent.text.replace(/\s+/g, " ").slice(0, 48)}
                  onPick={() => {
                    close()
                    setText(recent.text)
                    setTagText(recent.tags.join(", "))
                  }}
                />
              ))}
            </>
          )}
        </Menu>
        <button type="button" class="button" onClick={format}>
          Format
        </button>
        <button
          type="submit"
          class="button primary"
          disabled={isSending}
          title={`Send (${sendKeys})`}
          data-testid={testIds.publishSend}
        >
          {isSending ? "Sending…" : failure?.canRetry === true ? "Try again" : "Publish"}
        </button>
      </div>
      <p class="hint">{sendKeys} sends.</p>
    </form>
  )
}
