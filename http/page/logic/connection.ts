/**
 * The state of a pool's stream, as the indicator shows it, and what to do next: a pure machine, driven by what happened
 * and a clock that is passed in. It never opens anything itself; each step answers with at most one command.
 */

export type StopKind =
  "deleted" | "unauthorized" | "forbidden" | "damaged" | "badFilter" | "unsupported" | "byReader" | "hidden"

/** What can be offered when the stream has stopped. */
export type NextStep = "overview" | "signIn" | "retry" | "clearFilter" | "resume" | "showDoctor"

export type ConnectionState =
  /** The stream is opening, or what is retained is still coming in. */
  | { readonly phase: "catchingUp"; readonly since: number }
  | { readonly phase: "live"; readonly since: number }
  | {
      readonly phase: "reconnecting"
      /** Since when there is no connection. */
      readonly since: number
      readonly attempt: number
      /** When the next attempt is made; undefined while it is being made. */
      readonly retryAt: number | undefined
      readonly reason: string
    }
  | {
      readonly phase: "stopped"
      readonly kind: StopKind
      readonly reason: string
      readonly nextSteps: ReadonlyArray<NextStep>
    }

export interface Connection {
  readonly state: ConnectionState
  /** When the open stream was opened; undefined when there is none. */
  readonly openedAt: number | undefined
  /** Since when messages may have come that were not seen; undefined while all is well. */
  readonly brokenSince: number | undefined
  /** In a row that did not lead to a stream which lasted. */
  readonly failures: number
}

export type ConnectionEvent =
  /** Somebody wants the stream: at the start, or after it was stopped. */
  | { readonly kind: "start" }
  | { readonly kind: "opened" }
  /** Everything that was retained when the stream was opened has arrived. */
  | { readonly kind: "caughtUp" }
  /** The body ended by itself: the server limits how long a stream lives. */
  | { readonly kind: "ended" }
  /** The network or the server's process failed. */
  | { readonly kind: "failed"; readonly reason: string }
  /** An error envelope, as the answer (`status` other than 200) or as an event in the stream. */
  | {
      readonly kind: "refused"
      readonly status: number
      readonly error: string
      readonly message: string
      readonly retryAfterMillis?: number
    }
  | { readonly kind: "tick" }
  | { readonly kind: "stop"; readonly by: "byReader" | "hidden" }
  /** The reader, or the browser coming back online, does not want to wait for the countdown. */
  | { readonly kind: "retryNow" }

export interface ConnectionStep {
  readonly connection: Connection
  /** `open`: close what may be open and open the stream behind the newest message. */
  readonly command?: "open" | "close"
  /** Set when the connection is back after a break: since when it was down. */
  readonly interruptedSince?: number
}

export interface ConnectionOptions {
  readonly firstWaitMillis: number
  readonly longestWaitMillis: number
  /** From 0 to 1: spreads the attempts of many pages. */
  readonly random: () => number
}

export const defaultOptions: ConnectionOptions = {
  firstWaitMillis: 500,
  longestWaitMillis: 15_000,
  random: Math.random
}

/** A stream that ended before it lived this long is not reopened at once, and the waits go on growing. */
const shortestLifeMillis = 250

export const notStarted: Connection = {
  state: { phase: "stopped", kind: "byReader", reason: "Not started.", nextSteps: ["resume"] },
  openedAt: undefined,
  brokenSince: undefined,
  failures: 0
}

/** What follows from `event` at `now` (milliseconds since 1970). */
export const step = (
  connection: Connection,
  event: ConnectionEvent,
  now: number,
  options: ConnectionOptions = defaultOptions
): ConnectionStep => {
  const { state } = connection
  switch (event.kind) {
    case "start":
      return opening(connection, { phase: "catchingUp", since: now })
    case "opened":
      return opened(connection, now)
    case "caughtUp":
      return state.phase === "catchingUp"
        ? { connection: { ...connection, state: { phase: "live", since: now } } }
        : { connection }
    case "ended":
      return state.phase === "stopped" ? { connection } : ended(connection, now, options)
    case "failed":
      return state.phase === "stopped" ? { connection } : waiting(connection, event.reason, now, options)
    case "refused":
      return state.phase === "stopped" ? { connection } : refused(connection, event, now, options)
    case "tick":
      return state.phase === "reconnecting" && state.retryAt !== undefined && now >= state.retryAt
        ? opening(connection, { ...state, retryAt: undefined })
        : { connection }
    case "retryNow":
      return state.phase === "reconnecting" && state.retryAt !== undefined
        ? opening(connection, { ...state, retryAt: undefined })
        : { connection }
    case "stop":
      return stopping(connection, event.by, "", now)
  }
}

const opening = (connection: Connection, state: ConnectionState): ConnectionStep => ({
  connection: { ...connection, state, openedAt: undefined },
  command: "open"
})

const opened = (connection: Connection, now: number): ConnectionStep => {
  const { brokenSince, state } = connection
  if (state.phase === "stopped") return { connection, command: "close" }
  const next: Connection = {
    ...connection,
    state: state.phase === "live" ? state : { phase: "catchingUp", since: now },
    openedAt: now,
    brokenSince: undefined
  }
  return brokenSince === undefined ? { connection: next } : { connection: next, interruptedSince: brokenSince }
}

/** The reader is not told of a stream that ends in time and goes on at once. */
const ended = (connection: Connection, now: number, options: ConnectionOptions): ConnectionStep => {
  return livedLong(connection, now)
    ? opening({ ...connection, failures: 0 }, connection.state)
    : waiting(connection, "The server ended the stream.", now, options)
}

const livedLong = ({ openedAt }: Connection, now: number): boolean =>
  openedAt !== undefined && now - openedAt >= shortestLifeMillis

const waiting = (
  connection: Connection,
  reason: string,
  now: number,
  options: ConnectionOptions,
  retryAfterMillis = 0
): ConnectionStep => {
  const attempt = livedLong(connection, now) ? 1 : connection.failures + 1
  const wait = Math.max(backoffMillis(attempt, options), retryAfterMillis)
  const since = connection.brokenSince ?? now
  return {
    connection: {
      state: { phase: "reconnecting", since, attempt, retryAt: now + wait, reason },
      openedAt: undefined,
      brokenSince: since,
      failures: attempt
    }
  }
}

/** Doubles with each attempt up to the longest; between half of that and all of it. */
export const backoffMillis = (attempt: number, options: ConnectionOptions): number => {
  const full = Math.min(options.longestWaitMillis, options.firstWaitMillis * 2 ** Math.min(attempt - 1, 20))
  return Math.round(full / 2 + (full / 2) * options.random())
}

const refused = (
  connection: Connection,
  { error, message, retryAfterMillis, status }: Extract<ConnectionEvent, { readonly kind: "refused" }>,
  now: number,
  options: ConnectionOptions
): ConnectionStep => {
  const kind = stopKind(status, error)
  return kind === undefined
    ? waiting(connection, message, now, options, retryAfterMillis)
    : stopping(connection, kind, message, now)
}

/** Undefined when it may pass. */
const stopKind = (status: number, error: string): StopKind | undefined => {
  if (status === 401) return "unauthorized"
  if (status === 403 || error === "Permission") return "forbidden"
  if (error === "Corrupt") return "damaged"
  if (status === 404 || error === "NotFound") return "deleted"
  if (error === "Usage") return "badFilter"
  if (status === 405 || status === 501) return "unsupported"
  return undefined
}

const stopping = (connection: Connection, kind: StopKind, message: string, now: number): ConnectionStep => ({
  connection: {
    state: { phase: "stopped", kind, reason: message === "" ? plainReason[kind] : message, nextSteps: nextSteps[kind] },
    openedAt: undefined,
    // A break that somebody wished for is none; the hole is still told when the stream goes on.
    brokenSince: kind === "hidden" ? connection.brokenSince : (connection.brokenSince ?? now),
    failures: 0
  },
  command: "close"
})

const plainReason: Readonly<Record<StopKind, string>> = {
  deleted: "The pool no longer exists.",
  unauthorized: "The server wants a token.",
  forbidden: "This server does not allow reading.",
  damaged: "The pool's file is damaged.",
  badFilter: "The server does not understand the filter.",
  unsupported: "This server does not offer live streams.",
  byReader: "You stopped the stream.",
  hidden: "The stream rests while the tab is hidden."
}

const nextSteps: Readonly<Record<StopKind, ReadonlyArray<NextStep>>> = {
  deleted: ["overview", "retry"],
  unauthorized: ["signIn"],
  forbidden: ["overview", "signIn"],
  damaged: ["showDoctor", "overview", "retry"],
  badFilter: ["clearFilter"],
  unsupported: ["overview"],
  byReader: ["resume"],
  hidden: ["resume"]
}

/** Whole seconds until the next attempt; undefined when none is waited for. */
export const countdownSeconds = (state: ConnectionState, now: number): number | undefined =>
  state.phase === "reconnecting" && state.retryAt !== undefined
    ? Math.max(0, Math.ceil((state.retryAt - now) / 1_000))
    : undefined

/** The indicator in words, for people and for screen readers. */
export const connectionText = (state: ConnectionState, now: number): string => {
  switch (state.phase) {
    case "live":
      return "Live"
    case "catchingUp":
      return "Catching up"
    case "stopped":
      return "Stopped"
    case "reconnecting": {
      const seconds = countdownSeconds(state, now)
      return seconds === undefined ? "Reconnecting now" : `Reconnecting in ${seconds} s`
    }
  }
}

export interface Bounds {
  readonly oldest?: number
  readonly newest?: number
}

/**
 * What the pool's bounds say to a reader who has seen everything up to `newestSeen`: the pool was made anew if it is
 * behind the reader, and messages are lost if its oldest is ahead of what the reader expects.
 */
export const compareBounds = (
  newestSeen: number | undefined,
  { newest, oldest }: Bounds
): "recreated" | { readonly lostFrom: number; readonly lostTo: number } | "whole" => {
  if (newestSeen === undefined) return "whole"
  if ((newest ?? 0) < newestSeen) return "recreated"
  return oldest !== undefined && oldest > newestSeen + 1 ? { lostFrom: newestSeen + 1, lostTo: oldest - 1 } : "whole"
}
