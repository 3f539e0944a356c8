/**
 * The state of a stream in one word, the reason in plain words beside it or in its title. Shape and word differ as well
 * as the colour.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import type { PoolSession } from "../data/PoolSession.js"
import { connectionText, type ConnectionState } from "../logic/connection.js"
import { testIds } from "../testIds.js"

const isProblem = (state: ConnectionState): boolean =>
  state.phase === "stopped" && state.kind !== "byReader" && state.kind !== "hidden"

export const Indicator = ({ pool }: { readonly pool: PoolSession }) => {
  const { clock } = usePage()
  const { state } = useSignal(pool.stream)
  const isPolling = useSignal(pool.stream.isPolling)
  useSignal(pool.changed)
  const now = useSignal(clock)
  const isPast = state.phase === "stopped" && state.kind === "byReader" && pool.history.mode !== "live"
  const text = isPast ? "Looking back" : connectionText(state, Math.max(now, Date.now()))
  const reason =
    state.phase === "stopped" || state.phase === "reconnecting"
      ? isPast
        ? "You are looking at older messages. Go to the newest to follow again."
        : state.reason
      : isPolling
        ? "Other tabs hold the browser's connections: new messages are asked for once a second."
        : "New messages appear as they are written."
  return (
    <span
      class={`indicator ${state.phase} ${isProblem(state) ? "problem-stop" : ""}`}
      title={reason}
      data-testid={testIds.connection}
      data-state={state.phase}
    >
      <span class="dot" />
      <span class="words">{text}</span>
      {isPolling && state.phase === "live" ? <span class="wide-only"> · once a second</span> : null}
    </span>
  )
}
