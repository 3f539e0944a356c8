/**
 * What the palette lists: every action by its name, as far as it can be done now.
 */
import { keyLabel, shortcuts, type KeyAction, type Shortcut } from "../logic/keymap.js"
import type { PageMessage } from "../logic/message.js"
import {
  clearFilters,
  compareLater,
  copyJson,
  copyLink,
  copyMessage,
  copyPeekCommand,
  copySelection,
  editAsNew,
  exportAs,
  focusList,
  openPublish,
  runKey,
  saveSelection,
  stepPool,
  togglePause
} from "./actions.js"
import type { GroupSession } from "./GroupSession.js"
import type { Page } from "./Page.js"
import { canRead, canWrite } from "./ServerInfo.js"

export interface Command {
  readonly title: string
  readonly keys?: string
  readonly run: () => void
}

/** Keys that have no command of another name; the palette is where one finds them. */
const keyCommands: ReadonlySet<KeyAction> = new Set([
  "search",
  "jqFilter",
  "tagFilter",
  "nextMessage",
  "previousMessage",
  "selectAll",
  "openDetail",
  "closeDetail"
])

const commandOf =
  (page: Page) =>
  ({ action, keys, label }: Shortcut): Command => ({
    title: label,
    keys: keys[0]!.map((key) => keyLabel(key, false)).join(" "),
    run: () => {
      if (action === "selectAll") focusList()
      runKey(page, action)
    }
  })

const messageCommands = (page: Page, message: PageMessage): ReadonlyArray<Command> => {
  const compared = page.compared.value
  return [
    { title: "Compare with another message", run: () => compareLater(page, message) },
    ...(compared === undefined || compared === message
      ? []
      : [{ title: `Compare with message ${compared.seq}`, run: () => page.openDialog("compare") }]),
    ...(canWrite(page.server.value) ? [{ title: "Edit as new", run: () => editAsNew(page, message) }] : [])
  ]
}

const groupCommands = (page: Page, group: GroupSession): ReadonlyArray<Command> => [
  { title: group.paused.value ? "Resume" : "Pause", keys: "Space", run: () => togglePause(page) },
  { title: "Go to the newest and follow", keys: "G", run: () => group.goToNewest() },
  { title: "Go to the oldest", keys: "g g", run: () => void group.goToOldest() },
  { title: "Jump to a number or time", keys: ":", run: () => page.openDialog("jump") },
  { title: "One list by time", run: () => page.router.change({ layout: undefined }) },
  { title: "A list for each pool", run: () => page.router.change({ layout: "columns" }) },
  { title: "Choose other pools", run: () => page.router.openOverview(group.names) },
  { title: "Clear the view", run: () => group.clear() },
  { title: "Clear all filters", run: () => clearFilters(page) },
  { title: "Tags and fields", run: () => page.openDialog("fields") },
  { title: "Saved views", run: () => page.openDialog("views") },
  { title: "Save as JSON Lines", run: () => exportAs(page, "jsonl") },
  { title: "Copy as commands", run: () => copyPeekCommand(page) },
  { title: "Copy a link to this view", keys: "y", run: () => copyLink(page) },
  ...(group.selected.value === undefined
    ? []
    : [{ title: "Copy the message as JSON", keys: "c", run: () => copyJson(page) }])
]

/** What the palette lists. */
export const commands = (page: Page): ReadonlyArray<Command> => {
  const pool = page.pool.value
  const facts = page.server.value
  const list: Array<Command> = [{ title: "Go to the overview", run: () => page.router.openOverview() }]
  if (page.group.value !== undefined) list.push(...groupCommands(page, page.group.value))
  else if (pool !== undefined) {
    list.push(
      { title: pool.paused.value ? "Resume" : "Pause", keys: "Space", run: () => togglePause(page) },
      { title: "Go to the newest and follow", keys: "G", run: () => pool.goToNewest() },
      { title: "Go to the oldest", keys: "g g", run: () => void pool.goToOldest() },
      { title: "Jump to a number or time", keys: ":", run: () => page.openDialog("jump") },
      { title: "Replay", run: () => pool.replay.set(true) },
      { title: "Open together with other pools", run: () => page.router.openOverview([pool.pool]) },
      { title: "Clear the view", run: () => pool.clear() },
      { title: "Clear all filters", run: () => clearFilters(page) },
      { title: "Tags and fields", run: () => page.openDialog("fields") },
      { title: "Saved views", run: () => page.openDialog("views") },
      { title: "Save as JSON Lines", run: () => exportAs(page, "jsonl") },
      { title: "Save as JSON", run: () => exportAs(page, "json") },
      { title: "Save pinned columns as CSV", run: () => exportAs(page, "csv") },
      { title: "Copy as a command", run: () => copyPeekCommand(page) },
      { title: "Copy a link to this view", keys: "y", run: () => copyLink(page) }
    )
    if (pool.selected.value !== undefined) {
      const isOne = pool.selection?.from === pool.selection?.to
      list.push(
        isOne
          ? { title: "Copy the message as JSON", keys: "c", run: () => copyJson(page) }
          : { title: "Copy the selected messages as JSON Lines", keys: "c", run: () => copySelection(page) },
        { title: "Save the selected messages as JSON Lines", run: () => saveSelection(page) },
        { title: "Copy the whole message", run: () => copyMessage(page) },
        ...messageCommands(page, pool.selected.value)
      )
    }
    if (canWrite(facts)) {
      list.push(
        { title: "Publish a message", keys: "n", run: () => openPublish(page) },
        { title: "Publish many messages", run: () => page.openDialog("publishMany") },
        { title: `Delete pool ${pool.pool}`, run: () => page.openDialog("delete") }
      )
    }
  }
  if (canWrite(facts) && canRead(facts)) list.push({ title: "Create a pool", run: () => page.openDialog("create") })
  for (const theme of ["system", "light", "dark"] as const) {
    list.push({ title: `Theme: ${theme}`, run: () => page.preferences.change({ theme }) })
  }
  if (pool !== undefined) list.push(...shortcuts.filter(({ action }) => keyCommands.has(action)).map(commandOf(page)))
  const preferred = page.preferences.value
  const { density, timeline, timeStyle, titleCount, zone } = preferred
  list.push(
    {
      title: density === "normal" ? "Compact rows" : "Normal rows",
      run: () => page.preferences.change({ density: density === "normal" ? "compact" : "normal" })
    },
    {
      title: zone === "local" ? "Times in UTC" : "Local times",
      run: () => page.preferences.change({ zone: zone === "local" ? "utc" : "local" })
    },
    {
      title: timeStyle === "absolute" ? "Relative times" : "Absolute times",
      run: () => page.preferences.change({ timeStyle: timeStyle === "absolute" ? "relative" : "absolute" })
    },
    {
      title: timeline ? "Hide the timeline" : "Show the timeline",
      run: () => page.preferences.change({ timeline: !timeline })
    },
    {
      title: titleCount ? "Do not count new messages in the title" : "Count new messages in the title",
      run: () => page.preferences.change({ titleCount: !titleCount })
    },
    {
      title: preferred.shortcuts ? "Turn keyboard shortcuts off" : "Turn keyboard shortcuts on",
      run: () => page.preferences.change({ shortcuts: !preferred.shortcuts })
    },
    { title: "Show all shortcuts", keys: "?", run: () => page.openDialog("help") }
  )
  if (page.session.hasToken.value) list.push({ title: "Forget the token", run: () => page.session.forget() })
  if (page.feed.value.pools.length > 1) {
    list.push(
      { title: "Next pool", keys: "]", run: () => stepPool(page, 1) },
      { title: "Previous pool", keys: "[", run: () => stepPool(page, -1) }
    )
  }
  for (const { name } of page.feed.value.pools) {
    list.push({ title: `Open pool ${name}`, run: () => page.router.openPool(name) })
  }
  return list
}
