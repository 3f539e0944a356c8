/**
 * The server in numbers: how many pools and messages, how fast, what it allows.
 */
import { usePage } from "../data/Page.js"
import { useSignal } from "../data/Signal.js"
import { formatBytes, formatRate, formatShortCount } from "../logic/format.js"
import { testIds } from "../testIds.js"

const accessText = { "read-only": "Read only", "write-only": "Write only", "read-write": "Read and write" } as const

export const ServerFactsBar = () => {
  const page = usePage()
  const facts = useSignal(page.server)
  const { pools, tails } = useSignal(page.feed)
  if (facts === undefined) return null
  const rate = pools.reduce((sum, { meter }) => sum + meter.perSecond, 0)
  const messages = pools.reduce((sum, { messageCount }) => sum + messageCount, 0)
  const size = pools.reduce((sum, { fileSize }) => sum + fileSize, 0)
  const { max_body_bytes, max_pool_bytes, max_pools } = facts.limits
  const isSecure = location.protocol === "https:"
  return (
    <dl class="facts">
      <div class="fact">
        <dt>Pools</dt>
        <dd>
          <span data-testid={testIds.poolCount}>{pools.length}</span>
          {max_pools < Number.MAX_SAFE_INTEGER ? <small> of {formatShortCount(max_pools)} at most</small> : null}
        </dd>
      </div>
      <div class="fact">
        <dt>Messages</dt>
        <dd>{formatShortCount(messages)}</dd>
      </div>
      <div class="fact">
        <dt>Rate</dt>
        <dd>
          {formatRate(rate)} <small>/ s</small>
        </dd>
      </div>
      <div class="fact">
        <dt>Files</dt>
        <dd>{formatBytes(size)}</dd>
      </div>
      <div class="fact">
        <dt>Access</dt>
        <dd>{accessText[facts.access]}</dd>
      </div>
      <div class="fact">
        <dt>Connection</dt>
        <dd>
          {isSecure ? "TLS" : "Plain"} <small>{facts.auth === "bearer" ? "with token" : "no token"}</small>
        </dd>
      </div>
      <div class="fact">
        <dt>Live streams</dt>
        <dd>
          {tails === undefined ? facts.limits.max_tail_concurrency : `${tails.limit - tails.open} free`}{" "}
          <small>{tails === undefined ? "at most" : `of ${tails.limit}`}</small>
        </dd>
      </div>
      <div class="fact">
        <dt>Largest request</dt>
        <dd>{formatBytes(max_body_bytes)}</dd>
      </div>
      {max_pool_bytes < Number.MAX_SAFE_INTEGER ? (
        <div class="fact">
          <dt>Largest pool</dt>
          <dd>{formatBytes(max_pool_bytes)}</dd>
        </div>
      ) : null}
    </dl>
  )
}
