/**
 * What has to be said of the pools that are open together: which streams have stopped or wait, and why; which pools were
 * left out; what a jump did not find. Pools with the same trouble share a line.
 */
import { clearFilters } from "../data/actions.js"
import type { GroupSession } from "../data/GroupSession.js"
import { usePage, useZone } from "../data/Page.js"
import type { PoolSession } from "../data/PoolSession.js"
import { useSignal } from "../data/Signal.js"
import { groupOf, mostTogether, viewOfPools } from "../logic/poolGroup.js"
import { windowText } from "../history/windowText.js"
import { Icon } from "../shell/Icon.js"
import { testIds } from "../testIds.js"

interface Trouble {
  readonly reason: string
  readonly isStopped: boolean
  readonly isFilter: boolean
  readonly pools: ReadonlyArray<PoolSession>
}

const troubles = (members: ReadonlyArray<PoolSession>): ReadonlyArray<Trouble> => {
  const found: Array<Trouble> = []
  for (const member of members) {
    const { state } = member.stream.value
    const isStopped = state.phase === "stopped" && state.kind !== "byReader" && state.kind !== "hidden"
    if (!isStopped && state.phase !== "reconnecting") continue
    const { reason } = state
    const alike = found.findIndex((trouble) => trouble.reason === reason && trouble.isStopped === isStopped)
    const pools = [...(found[alike]?.pools ?? []), member]
    const trouble = { reason, isStopped, isFilter: state.phase === "stopped" && state.kind === "badFilter", pools }
    if (alike < 0) found.push(trouble)
    else found[alike] = trouble
  }
  return found
}

export const GroupNotices = ({ group }: { readonly group: GroupSession }) => {
  const page = usePage()
  const view = useSignal(page.router)
  useSignal(group.changed)
  useSignal(page.clock)
  const leftOut = groupOf(view)?.leftOut ?? []
  const zone = useZone()
  return (
    <>
      {leftOut.length === 0 ? null : (
        <div class="banner warning" data-testid={testIds.leftOut}>
          <Icon name="warning" />
          <span class="grow">
            {mostTogether} pools can be open together, because a browser allows six connections to a server. Left out:{" "}
            {leftOut.join(", ")}.
          </span>
          <button
            type="button"
            class="button small"
            onClick={() => page.router.change({ ...viewOfPools(group.names) })}
          >
            Understood
          </button>
        </div>
      )}
      {troubles(group.members).map(({ isFilter, isStopped, pools, reason }) => (
        <div
          key={`${isStopped} ${reason}`}
          class={isStopped ? "banner failure" : "banner warning"}
          role={isStopped ? "alert" : undefined}
          data-testid={testIds.banner}
        >
          <Icon name="warning" />
          <span class="grow">
            <strong>{pools.map(({ pool }) => pool).join(", ")}</strong>: {reason}
            {isStopped ? "" : " What is shown stays; new messages follow when the server is back."}
          </span>
          {isFilter ? (
            <button type="button" class="button small" onClick={() => clearFilters(page)}>
              Clear the filters
            </button>
          ) : null}
          <button
            type="button"
            class="button small"
            onClick={() => {
              for (const { stream } of pools) {
                if (isStopped) stream.start()
                else stream.dispatch({ kind: "retryNow" })
              }
            }}
          >
            Try now
          </button>
        </div>
      ))}
      {view.from === undefined && view.until === undefined ? null : (
        <div class="banner" data-testid={testIds.window}>
          <Icon name="clock" />
          <span class="grow">
            Showing {windowText(view.from ?? 0, view.until ?? Date.now(), zone)}
            {zone === "utc" ? " UTC" : ""} only.
          </span>
          <button
            type="button"
            class="button small"
            onClick={() => page.router.change({ from: undefined, until: undefined }, { isStep: true })}
          >
            Back to live
          </button>
        </div>
      )}
      {group.members.map((member) => (
        <MemberNotice key={member.pool} pool={member} />
      ))}
    </>
  )
}

const MemberNotice = ({ pool }: { readonly pool: PoolSession }) => {
  const notice = useSignal(pool.notice)
  useSignal(pool.stream)
  if (notice === undefined) return null
  return (
    <div class="banner" data-testid={testIds.notice}>
      <span class="grow">
        <strong>{pool.pool}</strong>: {notice}
      </span>
      <button
        type="button"
        class="button plain small icon"
        aria-label="Dismiss"
        onClick={() => pool.notice.set(undefined)}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
