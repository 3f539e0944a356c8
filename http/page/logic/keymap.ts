/**
 * Keys to actions. One table makes both the shortcuts and the page that explains them. A key that begins a sequence
 * waits a second for the next.
 */

export type KeyAction =
  | "help"
  | "nextMessage"
  | "previousMessage"
  | "extendToNext"
  | "extendToPrevious"
  | "selectAll"
  | "oldest"
  | "newest"
  | "togglePause"
  | "openDetail"
  | "closeDetail"
  | "search"
  | "jqFilter"
  | "tagFilter"
  | "publish"
  | "previousPool"
  | "nextPool"
  | "jump"
  | "copyJson"
  | "copyLink"
  | "palette"

export interface Shortcut {
  readonly action: KeyAction
  /** Alternatives, each a sequence of keys as the browser names them; `Mod` is Control, or Command on a Mac. */
  readonly keys: ReadonlyArray<ReadonlyArray<string>>
  readonly label: string
}

export const shortcuts: ReadonlyArray<Shortcut> = [
  { action: "help", keys: [["?"]], label: "Show all shortcuts" },
  { action: "nextMessage", keys: [["j"], ["ArrowDown"]], label: "Next message" },
  { action: "previousMessage", keys: [["k"], ["ArrowUp"]], label: "Previous message" },
  { action: "extendToNext", keys: [["J"], ["Shift+ArrowDown"]], label: "Select the next message, too" },
  { action: "extendToPrevious", keys: [["K"], ["Shift+ArrowUp"]], label: "Select the previous message, too" },
  { action: "selectAll", keys: [["Mod+a"]], label: "Select all messages, in the list" },
  { action: "oldest", keys: [["g", "g"]], label: "Oldest message" },
  { action: "newest", keys: [["G"]], label: "Newest message, and follow" },
  { action: "togglePause", keys: [[" "]], label: "Pause or resume" },
  { action: "openDetail", keys: [["Enter"]], label: "Open the message" },
  { action: "closeDetail", keys: [["Escape"]], label: "Close the message" },
  { action: "search", keys: [["/"]], label: "Search" },
  { action: "jqFilter", keys: [["f"]], label: "jq filter" },
  { action: "tagFilter", keys: [["t"]], label: "Tag filter" },
  { action: "publish", keys: [["n"]], label: "Publish a message" },
  { action: "previousPool", keys: [["["]], label: "Previous pool" },
  { action: "nextPool", keys: [["]"]], label: "Next pool" },
  { action: "jump", keys: [[":"]], label: "Jump to a number or a time" },
  { action: "copyJson", keys: [["c"]], label: "Copy as JSON; several as JSON Lines" },
  { action: "copyLink", keys: [["y"]], label: "Copy a link" },
  { action: "palette", keys: [["Mod+k"]], label: "All commands" }
]

export interface KeyPress {
  /** As `KeyboardEvent.key` has it. */
  readonly key: string
  readonly ctrl: boolean
  readonly meta: boolean
  readonly alt: boolean
  readonly shift?: boolean
  /** In a field that takes text. */
  readonly isTyping: boolean
  /** On a button, a link or anything else that does something by itself on Enter and space. */
  readonly isOnControl: boolean
}

export interface KeyState {
  readonly pending: ReadonlyArray<string>
  readonly since: number
}

export const noKeys: KeyState = { pending: [], since: 0 }

const sequenceMillis = 1_000

export interface KeyStep {
  readonly state: KeyState
  readonly action?: KeyAction
}

/** What a key means at `now`; `isEnabled` false leaves only Escape and what needs a modifier. */
export const pressKey = (state: KeyState, press: KeyPress, now: number, isEnabled = true): KeyStep => {
  const name = keyName(press)
  if (name === undefined) return { state: noKeys }
  const isPlain = !name.startsWith("Mod+")
  if (isPlain && name !== "Escape" && (press.isTyping || !isEnabled)) return { state: noKeys }
  if (press.isOnControl && (name === "Enter" || name === " ")) return { state: noKeys }
  const pending = now - state.since <= sequenceMillis ? state.pending : []
  return follow([...pending, name], now) ?? follow([name], now) ?? { state: noKeys }
}

const follow = (typed: ReadonlyArray<string>, now: number): KeyStep | undefined => {
  for (const { action, keys } of shortcuts) {
    if (keys.some((sequence) => sequence.join("\0") === typed.join("\0"))) return { state: noKeys, action }
  }
  const begins = shortcuts.some(({ keys }) =>
    keys.some((sequence) => sequence.length > typed.length && typed.every((key, index) => sequence[index] === key))
  )
  return begins ? { state: { pending: typed, since: now } } : undefined
}

const keyName = ({ alt, ctrl, key, meta, shift = false }: KeyPress): string | undefined => {
  if (alt) return undefined
  // Of a letter, `key` says itself whether it is a capital.
  if (shift && key.startsWith("Arrow") && !ctrl && !meta) return `Shift+${key}`
  return ctrl || meta ? `Mod+${key.toLowerCase()}` : key
}

/** A key as it is printed on a keyboard or known to readers. */
export const keyLabel = (key: string, isMac: boolean): string => {
  if (key.startsWith("Mod+")) return `${isMac ? "⌘" : "Ctrl"} ${key.slice(4).toUpperCase()}`
  if (key.startsWith("Shift+")) return `⇧ ${keyLabel(key.slice(6), isMac)}`
  return names[key] ?? key
}

const names: Readonly<Record<string, string>> = {
  " ": "Space",
  ArrowDown: "↓",
  ArrowUp: "↑",
  Escape: "Esc"
}
