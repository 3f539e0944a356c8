/**
 * Each pool that is open, with its colour, the state of its stream and its rate; and the way to have it alone, or not.
 */
import type { GroupSession } from "../data/GroupSession.js"
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { formatRate } from "../logic/format.js"
import { viewHref } from "../logic/viewState.js"
import { viewOfPools } from "../logic/poolGroup.js"
import { Icon } from "../shell/Icon.js"
import { Indicator } from "../shell/Indicator.js"
import { isPlainPress } from "../shell/Sidebar.js"
import { testIds } from "../testIds.js"

export const PoolChips = ({ group }: { readonly group: GroupSession }) => {
  const page = usePage()
  const view = useSignal(page.router)
  useSignal(page.feed)
  const alone = (pool: string) => ({
    ...view,
    ...viewOfPools([pool]),
    layout: undefined,
    seq: undefined,
    seqPool: undefined
  })
  return (
    <ul class="pool-chips" aria-label="Open pools">
      {group.members.map((member, index) => {
        const { hue } = group.marks[index]!
        const { pool } = member
        return (
          <li key={pool} data-testid={testIds.poolChip} data-pool={pool}>
            <a
              class="pill pool"
              style={{ "--hue": String(hue) }}
              href={viewHref(alone(pool))}
              title={`Open ${pool} alone`}
              onClick={(event) => {
                if (!isPlainPress(event)) return
                event.preventDefault()
                page.router.change(alone(pool), { isStep: true })
              }}
            >
              {pool}
            </a>
            <Indicator pool={member} />
            <span class="hint wide-only">{formatRate(page.feed.entry(pool)?.meter.perSecond ?? 0)}/s</span>
            <button
              type="button"
              class="button plain small icon"
              aria-label={`Leave out ${pool}`}
              title={`Leave out ${pool}`}
              onClick={() => {
                const rest = group.names.filter((name) => name !== pool)
                page.router.change(
                  { ...view, ...viewOfPools(rest), seq: undefined, seqPool: undefined },
                  { isStep: true }
                )
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        )
      })}
    </ul>
  )
}
