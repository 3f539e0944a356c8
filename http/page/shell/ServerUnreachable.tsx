/**
 * Before the server has said what it is: nothing at first, then why there is nothing.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { messageOf } from "../data/Client.js"

export const ServerUnreachable = () => {
  const page = usePage()
  const failure = useSignal(page.server.failure)
  const asks = useSignal(page.session.question)
  if (failure === undefined || asks !== undefined) return <div class="empty" />
  const isLocked = failure.status === 401
  return (
    <div class="empty">
      <h2>{isLocked ? "This server needs a token" : "The server cannot be reached"}</h2>
      <p>{messageOf(failure)}</p>
      <div class="actions">
        <button type="button" class="button primary" onClick={() => void page.server.load()}>
          {isLocked ? "Sign in" : "Try again"}
        </button>
      </div>
    </div>
  )
}
