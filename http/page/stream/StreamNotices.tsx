/**
 * Above the list: why the stream has stopped and what can be done, the window of time that is shown, and what else the
 * reader should know. One line each, never a growing pile.
 */
import { clearFilters } from "../data/actions.js"
import { usePage, useZone } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useDerived, useSignal } from "../data/Signal.js"
import type { NextStep } from "../logic/connection.js"
import { windowText } from "../history/windowText.js"
import { CopyLine } from "../shell/CopyLine.js"
import { shellWord } from "../logic/commandText.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"

const stepText: Readonly<Record<NextStep, string>> = {
  overview: "Go to the overview",
  signIn: "Sign in",
  retry: "Try again",
  clearFilter: "Clear the filters",
  resume: "Resume",
  showDoctor: "How to repair"
}

export const StreamNotices = ({ pool }: { readonly pool: PoolSession }) => {
  const page = usePage()
  const { state } = useSignal(pool.stream)
  const notice = useSignal(pool.notice)
  const from = useDerived(page.router, ({ from }) => from)
  const until = useDerived(page.router, ({ until }) => until)
  const zone = useZone()
  const isStopped = state.phase === "stopped" && state.kind !== "byReader" && state.kind !== "hidden"
  const take = (step: NextStep): void => {
    if (step === "overview") page.router.openOverview()
    else if (step === "clearFilter") clearFilters(page)
    else if (step === "showDoctor") page.say(`Run: pls doctor ${shellWord(pool.pool)}`)
    else pool.stream.start()
  }
  return (
    <>
      {isStopped ? (
        <div class="banner failure" role="alert" data-testid={testIds.banner}>
          <Icon name="warning" />
          <span class="grow" data-testid={testIds.indicatorReason}>
            The stream has stopped: {state.reason}
          </span>
          {state.nextSteps.includes("showDoctor") ? (
            <CopyLine text={`pls doctor ${shellWord(pool.pool)}`} what="Command" />
          ) : null}
          {state.nextSteps
            .filter((step) => step !== "showDoctor")
            .map((step) => (
              <button
                type="button"
                key={step}
                class="button small"
                data-testid={testIds.nextStep}
                data-step={step}
                onClick={() => take(step)}
              >
                {stepText[step]}
              </button>
            ))}
        </div>
      ) : null}
      {state.phase === "reconnecting" ? (
        <div class="banner warning" data-testid={testIds.banner}>
          <Icon name="warning" />
          <span class="grow" data-testid={testIds.indicatorReason}>
            {state.reason} What is shown stays; new messages follow when the server is back.
          </span>
          <button type="button" class="button small" onClick={() => pool.stream.dispatch({ kind: "retryNow" })}>
            Try now
          </button>
        </div>
      ) : null}
      {from !== undefined || until !== undefined ? (
        <div class="banner" data-testid={testIds.window}>
          <Icon name="clock" />
          <span class="grow">
            Showing {windowText(from ?? 0, until ?? Date.now(), zone)}
            {zone === "utc" ? " UTC" : ""} only.
          </span>
          <button type="button" class="button small" onClick={() => pool.replay.set(true)}>
            Replay
          </button>
          <button
            type="button"
            class="button small"
            onClick={() => page.router.change({ from: undefined, until: undefined }, { isStep: true })}
          >
            Back to live
          </button>
        </div>
      ) : null}
      {notice === undefined ? null : (
        <div class="banner" data-testid={testIds.notice}>
          <span class="grow">{notice}</span>
          <button
            type="button"
            class="button plain small icon"
            aria-label="Dismiss"
            onClick={() => pool.notice.set(undefined)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </>
  )
}
