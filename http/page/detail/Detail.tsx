/**
 * The selected message: what is known of it, its data as a tree or as text, and what can be done with it.
 */
import { useMemo, useState } from "preact/hooks"
import { compareLater, editAsNew, focusList, messageLink } from "../data/actions.js"
import { usePage } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { canWrite } from "../data/ServerInfo.js"
import { useSignal } from "../data/Signal.js"
import { parseExact, printExact, ExactJsonError, type ExactValue } from "../logic/exactJson.js"
import { prettyData } from "../logic/exportText.js"
import { formatBytes, formatDistance, formatExact, formatRelative } from "../logic/format.js"
import { messageText, type PageMessage } from "../logic/message.js"
import { copyText } from "../shell/Clipboard.js"
import { Icon } from "../shell/Icon.js"
import { Menu, MenuItem, Segments } from "../shell/Menu.js"
import { TagPill } from "../stream/MessageRow.js"
import { testIds } from "../testIds.js"
import { TreeView } from "./TreeView.js"

type DataView = "tree" | "pretty" | "compact"

export interface DetailProps {
  readonly pool: PoolSession
  readonly message: PageMessage
  /** Where the list is of several pools, the next message may be another's. */
  readonly onStep?: (by: 1 | -1) => void
}

const parsed = (text: string): ExactValue | undefined => {
  try {
    return parseExact(text)
  } catch (error) {
    if (error instanceof ExactJsonError) return undefined
    throw error
  }
}

export const Detail = ({ message, onStep = (by) => pool.moveSelection(by), pool }: DetailProps) => {
  const page = usePage()
  const [view, setView] = useState<DataView>("tree")
  const value = useMemo(() => parsed(message.dataText), [message])
  const close = (): void => {
    pool.selected.set(undefined)
    focusList()
  }
  return (
    <aside class="detail" aria-label={`Message ${message.seq}`} data-testid={testIds.detail}>
      <div class="detail-head">
        <h2 class="truncate">
          Message <span data-testid={testIds.detailSeq}>{message.seq}</span>
          {page.group.value === undefined ? null : ` of ${pool.pool}`}
        </h2>
        <button
          type="button"
          class="button plain icon"
          aria-label="Previous message"
          title="Previous (k)"
          onClick={() => onStep(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          class="button plain icon"
          aria-label="Next message"
          title="Next (j)"
          onClick={() => onStep(1)}
        >
          <Icon name="down" />
        </button>
        <MessageMenu message={message} />
        <button
          type="button"
          class="button plain icon"
          aria-label="Close"
          title="Close (escape)"
          data-testid={testIds.detailClose}
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </div>
      <div class="detail-scroll">
        <Metadata pool={pool} message={message} />
        <div class="detail-tools">
          <Segments<DataView>
            label="How the data is shown"
            value={view}
            options={[
              ["tree", "Tree"],
              ["pretty", "Pretty"],
              ["compact", "Compact"]
            ]}
            onPick={setView}
          />
          <span class="grow" />
          <button
            type="button"
            class="button plain small"
            onClick={() => void copyText(page, prettyData(message), "JSON")}
          >
            <Icon name="copy" />
            Copy
          </button>
        </div>
        {value === undefined ? (
          <pre class="raw wrapped">{message.dataText}</pre>
        ) : view === "tree" ? (
          <TreeView key={`${message.seq} ${message.time}`} value={value} />
        ) : (
          <pre class={view === "pretty" ? "raw" : "raw wrapped"} tabIndex={0} data-testid={testIds.raw}>
            {view === "pretty" ? printExact(value, 2) : message.dataText}
          </pre>
        )}
      </div>
    </aside>
  )
}

const MessageMenu = ({ message }: { readonly message: PageMessage }) => {
  const page = usePage()
  const facts = useSignal(page.server)
  const compared = useSignal(page.compared)
  return (
    <Menu label="Message actions" icon="more">
      {(close) => {
        const run = (action: () => void) => (): void => {
          close()
          action()
        }
        return (
          <>
            <MenuItem
              icon="copy"
              label="Copy data as JSON"
              note="c"
              onPick={run(() => void copyText(page, prettyData(message), "JSON"))}
            />
            <MenuItem
              icon="copy"
              label="Copy the whole message"
              onPick={run(() => void copyText(page, messageText(message), "Message"))}
            />
            <MenuItem
              icon="link"
              label="Copy a link to it"
              note="y"
              onPick={run(() => void copyText(page, messageLink(page, message.seq), "Link"))}
            />
            {canWrite(facts) && page.group.value === undefined ? (
              <MenuItem
                icon="edit"
                label="Edit as new"
                testId="edit-as-new"
                onPick={run(() => editAsNew(page, message))}
              />
            ) : null}
            <MenuItem
              icon="compare"
              label="Compare with another…"
              testId="compare-mark"
              onPick={run(() => compareLater(page, message))}
            />
            {compared !== undefined && compared.seq !== message.seq ? (
              <MenuItem
                icon="compare"
                label={`Compare with ${compared.seq}`}
                testId="compare-open"
                onPick={run(() => page.openDialog("compare"))}
              />
            ) : null}
          </>
        )
      }}
    </Menu>
  )
}

const Metadata = ({ message, pool }: DetailProps) => {
  const page = usePage()
  const now = useSignal(page.clock)
  useSignal(pool.changed)
  const { after, before } = neighbours(pool, message)
  return (
    <dl class="meta">
      <dt>Local time</dt>
      <dd class="mono">{formatExact(message.time, "local")}</dd>
      <dt>UTC</dt>
      <dd class="mono">{formatExact(message.time, "utc")}</dd>
      <dt>Age</dt>
      <dd>{formatRelative(message.timeMillis, now)}</dd>
      {before === undefined ? null : (
        <>
          <dt>Since {before.seq}</dt>
          <dd>{formatDistance(before.time, message.time)}</dd>
        </>
      )}
      {after === undefined ? null : (
        <>
          <dt>Until {after.seq}</dt>
          <dd>{formatDistance(message.time, after.time)}</dd>
        </>
      )}
      <dt>Size</dt>
      <dd>{formatBytes(message.bytes)}</dd>
      <dt>Tags</dt>
      <dd class="tags">
        {message.tags.length === 0 ? <span class="muted">none</span> : null}
        {message.tags.map((tag, index) => (
          <button
            type="button"
            key={index}
            class="button plain small"
            title={`Show only messages with tag ${tag}; with a modifier key, those without`}
            onClick={(event) => {
              const { tags, withoutTags } = page.router.value
              if (event.altKey || event.shiftKey || event.ctrlKey || event.metaKey) {
                page.router.change({ withoutTags: [...new Set([...withoutTags, tag])] })
              } else page.router.change({ tags: [...new Set([...tags, tag])] })
            }}
          >
            <TagPill tag={tag} />
          </button>
        ))}
      </dd>
    </dl>
  )
}

/** The messages around it that are loaded. */
const neighbours = (
  pool: PoolSession,
  { seq }: PageMessage
): { readonly before: PageMessage | undefined; readonly after: PageMessage | undefined } => {
  const found = pool.buffer.findSeq(seq)
  if (found?.isExact !== true) return { before: undefined, after: undefined }
  const at = (row: number): PageMessage | undefined => {
    const held = pool.buffer.rowAt(row)
    return held?.kind === "message" ? held.message : undefined
  }
  return { before: at(found.row - 1), after: at(found.row + 1) }
}
