/**
 * What a screen reader is told: changes of state at once, new messages as a sum and at most every ten seconds. The list
 * itself never speaks.
 */
import { connectionText, type ConnectionState } from "../logic/connection.js"
import { Signal } from "./Signal.js"

const sumMillis = 10_000

export class Announcer extends Signal<string> {
  /** By pool, where several are open. */
  private readonly phases = new Map<string, string>()
  private pending = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super("")
  }

  say(text: string): void {
    // The same words twice would not be read again.
    this.set(text === this.value ? `${text}\u00a0` : text)
  }

  /** `pool` where it has to be said which. */
  state(state: ConnectionState, pool = ""): void {
    const phase = state.phase === "stopped" ? `stopped ${state.kind}` : state.phase
    if (phase === this.phases.get(pool)) return
    this.phases.set(pool, phase)
    const reason = state.phase === "stopped" || state.phase === "reconnecting" ? `. ${state.reason}` : ""
    const name = pool === "" ? "" : `${pool}: `
    this.say(`${name}${state.phase === "reconnecting" ? "Reconnecting" : connectionText(state, Date.now())}${reason}`)
  }

  newMessages(count: number): void {
    if (count <= 0) return
    this.pending += count
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.say(this.pending === 1 ? "1 new message" : `${this.pending} new messages`)
      this.pending = 0
    }, sumMillis)
  }
}
