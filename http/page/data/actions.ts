/**
 * Everything that can be done: what keys, the palette and buttons call. Keys say whether they did anything.
 */
import {
  prettyData,
  exportCsv,
  exportGroupLines,
  exportJson,
  exportJsonLines,
  exportName
} from "../logic/exportText.js"
import { peekCommand } from "../logic/commandText.js"
import { formatCount } from "../logic/format.js"
import type { KeyAction } from "../logic/keymap.js"
import { messageText, type PageMessage } from "../logic/message.js"
import { columnPath } from "../logic/summary.js"
import { viewHref, type ViewState } from "../logic/viewState.js"
import { copyText, saveText } from "../shell/Clipboard.js"
import { testIds } from "../testIds.js"
import type { GroupSession } from "./GroupSession.js"
import type { Page } from "./Page.js"
import type { PoolSession } from "./PoolSession.js"
import { defaultPreferences, type PreferenceValues } from "./Preferences.js"
import { canWrite } from "./ServerInfo.js"

export const focusField = (id: string): void => {
  const field = document.querySelector<HTMLElement>(`[data-testid="${id}"]`)
  field?.focus()
  if (field instanceof HTMLInputElement) field.select()
}

export const focusList = (): void =>
  (document.querySelector<HTMLElement>(".column.active .list") ?? document.querySelector<HTMLElement>(".list"))?.focus()

/** The list that keys move in: of several pools that are merged, the one list of them all. */
const listOf = (page: Page): PoolSession | GroupSession | undefined =>
  page.group.value?.isInColumns === true ? page.pool.value : page.opened

export const togglePause = (page: Page): void => {
  const pool = page.pool.value
  if (pool === undefined) return
  if (pool.replay.value) {
    document.querySelector<HTMLElement>(`[data-testid="${testIds.replayPlay}"]`)?.click()
    return
  }
  // Pools that are open together pause together.
  const opened = page.opened ?? pool
  if (opened.paused.value) opened.resume()
  else opened.pause()
  page.announcer.say(opened.paused.value ? "Paused" : "Resumed")
}

/** Who goes elsewhere in one of several lists has done with the pause of all of them. */
const resumeTogether = (page: Page): void => {
  const group = page.group.value
  if (group?.paused.value === true) group.resume()
}

/** To the pool after or before the open one, by name. */
export const stepPool = (page: Page, by: 1 | -1): void => {
  const names = page.feed.value.pools.map(({ name }) => name).sort()
  if (names.length === 0) return
  const at = names.indexOf(page.router.value.pool ?? "")
  const next = at < 0 ? (by > 0 ? 0 : names.length - 1) : (at + by + names.length) % names.length
  page.router.openPool(names[next]!)
}

export const openPublish = (page: Page): void => {
  const { pool } = page.router.value
  if (!canWrite(page.server.value) || pool === undefined) return
  if (page.group.value !== undefined) return page.say("Open one pool alone to publish to it.")
  page.publishing.update((draft) => draft ?? page.drafts.get(pool) ?? { dataText: "", tags: [] })
}

export const editAsNew = (page: Page, message: PageMessage): void => {
  page.publishing.set({ dataText: prettyData(message), tags: message.tags })
  openPublish(page)
}

export const compareLater = (page: Page, message: PageMessage): void => {
  page.compared.set(message)
  page.say(`Select another message to compare with ${message.seq}.`)
}

/** One message as its data, spread over lines; several as lines. */
export const copyJson = (page: Page): void => {
  const messages = page.pool.value?.selectedMessages ?? []
  if (messages.length > 1) return copySelection(page)
  const message = page.pool.value?.selected.value
  if (message !== undefined) void copyText(page, prettyData(message), "JSON")
}

export const copySelection = (page: Page): void => {
  const messages = page.pool.value?.selectedMessages ?? []
  if (messages.length > 0) void copyText(page, exportJsonLines(messages), countText(messages.length))
}

export const saveSelection = (page: Page): void => {
  const pool = page.pool.value
  if (pool === undefined) return
  const name = exportName(pool.pool, "jsonl")
  saveText(name, "application/jsonl", exportJsonLines(pool.selectedMessages))
  page.say(`Saved as ${name}`)
}

const countText = (count: number): string => (count === 1 ? "Message" : `${formatCount(count)} messages`)

const extendSelection = (page: Page, pool: PoolSession, by: 1 | -1): void => {
  pool.moveSelection(by, true)
  page.announcer.say(`${countText(pool.selectedMessages.length)} selected`)
}

export const copyMessage = (page: Page): void => {
  const message = page.pool.value?.selected.value
  if (message !== undefined) void copyText(page, messageText(message), "Message")
}

/** To the message when one is selected, else to the view. */
export const copyLink = (page: Page): void => void copyText(page, viewLink(page), "Link")

/** The link to one message, in the view as it is. */
export const messageLink = (page: Page, seq: number): string => viewLink(page, { seq })

/** Shows somebody else what is seen here: how rows and times look goes along where it is not what everybody begins with. */
const viewLink = (page: Page, part: Partial<ViewState> = {}): string => {
  const view = page.router.value
  const preferred = page.preferences.value
  const unusual = <K extends "density" | "timeStyle" | "zone">(key: K): PreferenceValues[K] | undefined =>
    preferred[key] === defaultPreferences[key] ? undefined : preferred[key]
  const density = view.density ?? unusual("density")
  const timeStyle = view.timeStyle ?? unusual("timeStyle")
  const zone = view.zone ?? unusual("zone")
  return location.origin + viewHref({ ...view, density, timeStyle, zone, ...part })
}

export const copyPeekCommand = (page: Page): void => {
  const { pool, tags, where, withoutTags } = page.router.value
  if (pool === undefined) return
  const needsToken = page.server.value?.auth === "bearer"
  const commands = page.openPools.map((opened) =>
    peekCommand({ origin: location.origin, pool: opened.pool, needsToken }, { tags, where, withoutTags, tail: 100 })
  )
  void copyText(page, commands.join("\n"), commands.length > 1 ? "Commands" : "Command")
}

export const exportAs = (page: Page, kind: "jsonl" | "json" | "csv"): void => {
  const pool = page.pool.value
  if (pool === undefined) return
  const group = page.group.value
  if (group !== undefined) {
    const together = exportName(group.pool, "jsonl")
    const named = Array.from(group.rows.messages(), ([source, message]) => [group.names[source]!, message] as const)
    saveText(together, "application/jsonl", exportGroupLines(named))
    return page.say(`Saved as ${together}`)
  }
  const name = exportName(pool.pool, kind)
  const messages = pool.rows.messages()
  if (kind === "jsonl") saveText(name, "application/jsonl", exportJsonLines(messages))
  else if (kind === "json") saveText(name, "application/json", exportJson(messages))
  else {
    const columns = page.router.value.columns.flatMap((column) => {
      const path = columnPath(column)
      return path === undefined ? [] : [{ name: column, path }]
    })
    saveText(name, "text/csv", exportCsv(messages, columns))
  }
  page.say(`Saved as ${name}`)
}

export const clearFilters = (page: Page): void =>
  page.router.change({ tags: [], withoutTags: [], where: [], from: undefined, until: undefined })

const fieldIds = { search: testIds.searchField, jq: testIds.jqField, tags: testIds.tagField }

/** What a key does. Answers false when it does nothing here, so that the browser's own meaning stays. */
export const runKey = (page: Page, action: KeyAction): boolean => {
  const pool = page.pool.value
  switch (action) {
    case "help":
      page.openDialog("help")
      return true
    case "palette":
      page.openDialog("palette")
      return true
    case "previousPool":
    case "nextPool":
      stepPool(page, action === "nextPool" ? 1 : -1)
      return true
    case "publish":
      openPublish(page)
      return true
    case "closeDetail":
      return closeTopmost(page)
  }
  const list = listOf(page)
  if (pool === undefined || list === undefined) return false
  switch (action) {
    case "nextMessage":
      list.moveSelection(1)
      focusList()
      return true
    case "previousMessage":
      list.moveSelection(-1)
      focusList()
      return true
    case "extendToNext":
    case "extendToPrevious":
      if (list !== pool) {
        list.moveSelection(action === "extendToNext" ? 1 : -1)
        return true
      }
      extendSelection(page, pool, action === "extendToNext" ? 1 : -1)
      focusList()
      return true
    case "selectAll":
      // Elsewhere it is the browser's, which selects text.
      if (list !== pool || document.activeElement?.classList.contains("list") !== true) return false
      pool.selectAll()
      page.announcer.say(`${countText(pool.selectedMessages.length)} selected`)
      return true
    case "oldest":
      resumeTogether(page)
      void list.goToOldest()
      return true
    case "newest":
      resumeTogether(page)
      list.goToNewest()
      return true
    case "togglePause":
      togglePause(page)
      return true
    case "openDetail":
      if (pool.selected.value === undefined) list.moveSelection(0)
      return true
    case "search":
      focusField(fieldIds.search)
      return true
    case "jqFilter":
      focusField(fieldIds.jq)
      return true
    case "tagFilter":
      focusField(fieldIds.tags)
      return true
    case "jump":
      page.openDialog("jump")
      return true
    case "copyJson":
      copyJson(page)
      return pool.selected.value !== undefined
    case "copyLink":
      copyLink(page)
      return true
  }
  return false
}

const closeTopmost = (page: Page): boolean => {
  if (page.dialog.value !== "none") page.closeDialog()
  else if (page.publishing.value !== undefined) page.publishing.set(undefined)
  else if (page.pool.value?.selected.value !== undefined) {
    page.pool.value.selected.set(undefined)
    focusList()
  } else if (page.sidebarOpen.value) page.sidebarOpen.set(false)
  else return false
  return true
}
