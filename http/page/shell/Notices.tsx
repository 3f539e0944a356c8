/**
 * The one place for what has to be said: a bar on top for what holds on, a note at the bottom for what passes, and the
 * words for screen readers.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { testIds } from "../testIds.js"
import { Icon } from "./Icon.js"

export const NoticeBar = () => {
  const page = usePage()
  const isAdvised = useSignal(page.tokenNotice)
  const problem = useSignal(page.feed.problem)
  return (
    <>
      {isAdvised ? (
        <div class="banner warning" data-testid={testIds.banner}>
          <Icon name="warning" />
          <span class="grow">
            The token came in the address as <code>?token=</code>, which ends up in histories and logs. Use{" "}
            <code>#token=</code> or the sign-in dialog instead.
          </span>
          <button type="button" class="button small" onClick={() => page.tokenNotice.set(false)}>
            Understood
          </button>
        </div>
      ) : null}
      {problem !== undefined && page.pool.value === undefined ? (
        <div class="banner failure" data-testid={testIds.banner}>
          <Icon name="warning" />
          <span class="grow">{problem} What is shown is what was known last; the page keeps trying.</span>
        </div>
      ) : null}
    </>
  )
}

export const ToastView = () => {
  const toast = useSignal(usePage().toast)
  return toast === undefined ? null : (
    <div class={`toast ${toast.kind}`} data-testid={testIds.toast}>
      {toast.text}
    </div>
  )
}

export const LiveRegion = () => {
  const text = useSignal(usePage().announcer)
  return (
    <div class="unseen" role="status" aria-live="polite" data-testid={testIds.announcer}>
      {text}
    </div>
  )
}
