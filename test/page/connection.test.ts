// The stream's state: what the indicator says, when it tries again, and when it gives up.
import { assert, describe, it } from "vitest"
import {
  backoffMillis,
  compareBounds,
  connectionText,
  countdownSeconds,
  notStarted,
  step,
  type Connection,
  type ConnectionEvent,
  type ConnectionStep
} from "../../http/page/logic/connection.js"

const options = { firstWaitMillis: 500, longestWaitMillis: 15_000, random: () => 1 }

/** Plays events, each with its time, and keeps all steps. */
const run = (events: ReadonlyArray<readonly [at: number, event: ConnectionEvent]>, from: Connection = notStarted) => {
  const steps: Array<ConnectionStep> = []
  let connection = from
  for (const [at, event] of events) {
    const next = step(connection, event, at, options)
    steps.push(next)
    connection = next.connection
  }
  return { connection, steps, last: steps.at(-1)! }
}

const live: ReadonlyArray<readonly [number, ConnectionEvent]> = [
  [0, { kind: "start" }],
  [10, { kind: "opened" }],
  [20, { kind: "caughtUp" }]
]
const failed = { kind: "failed", reason: "The server is not there." } as const
const tick = { kind: "tick" } as const

describe("the connection", () => {
  it("catches up, then is live", () => {
    const { steps } = run(live)
    assert.deepEqual(
      steps.map(({ command, connection }) => [command, connection.state.phase]),
      [
        ["open", "catchingUp"],
        [undefined, "catchingUp"],
        [undefined, "live"]
      ]
    )
  })

  it("goes on without a word when the server ends a stream in time", () => {
    const { last, steps } = run([...live, [30_010, { kind: "ended" }], [30_020, { kind: "opened" }]])
    assert.strictEqual(steps.at(-2)!.command, "open")
    assert.deepEqual(last.connection.state, { phase: "live", since: 20 })
    assert.isUndefined(last.interruptedSince)
  })

  it("waits when streams end as soon as they begin", () => {
    const { last } = run([...live, [100, { kind: "ended" }]])
    assert.strictEqual(last.connection.state.phase, "reconnecting")
    assert.isUndefined(last.command)
  })

  it("counts down, doubles the wait, opens once per attempt, and says how long it was down", () => {
    const { last, steps } = run([
      ...live,
      [1_000, failed],
      [1_499, tick],
      [1_500, tick],
      [1_510, tick],
      [1_600, failed],
      [2_600, tick],
      [2_700, { kind: "opened" }]
    ])
    const phases = steps
      .slice(3)
      .map(({ command, connection: { state } }) => [command, state.phase === "reconnecting" && state.retryAt])
    assert.deepEqual(phases, [
      [undefined, 1_500],
      [undefined, 1_500],
      ["open", undefined],
      [undefined, undefined],
      [undefined, 2_600],
      ["open", undefined],
      [undefined, false]
    ])
    assert.strictEqual(last.interruptedSince, 1_000)
    assert.isUndefined(last.connection.brokenSince)
  })

  it("does not begin the waits anew for a stream that breaks at once", () => {
    const { connection } = run([...live, [1_000, failed], [1_500, tick], [1_510, { kind: "opened" }], [1_520, failed]])
    assert.deepInclude(connection.state, { phase: "reconnecting", attempt: 2, retryAt: 2_520 })
    const lasting = run(
      [
        [1_510, { kind: "opened" }],
        [9_000, failed]
      ],
      connection
    )
    assert.deepInclude(lasting.connection.state, { attempt: 1, retryAt: 9_500 })
  })

  it("waits at most the longest time, spread by chance, and as long as the server asks", () => {
    assert.deepEqual(
      [1, 2, 3, 5, 6, 50].map((attempt) => backoffMillis(attempt, options)),
      [500, 1_000, 2_000, 8_000, 15_000, 15_000]
    )
    assert.strictEqual(backoffMillis(3, { ...options, random: () => 0 }), 1_000)
    const busy = run([
      [0, { kind: "start" }],
      [10, { kind: "refused", status: 503, error: "Busy", message: "All places are taken.", retryAfterMillis: 5_000 }]
    ])
    assert.deepInclude(busy.connection.state, {
      phase: "reconnecting",
      retryAt: 5_010,
      reason: "All places are taken."
    })
  })

  it("does not wait when asked not to", () => {
    const { last } = run([...live, [1_000, failed], [1_100, { kind: "retryNow" }]])
    assert.strictEqual(last.command, "open")
    assert.isUndefined(run([[1_110, { kind: "retryNow" }]], last.connection).last.command)
  })

  it("stops where trying again is no use, with the next step", () => {
    for (const [status, error, kind, nextStep] of [
      [404, "NotFound", "deleted", "overview"],
      [401, "Permission", "unauthorized", "signIn"],
      [403, "Permission", "forbidden", "overview"],
      [200, "Corrupt", "damaged", "showDoctor"],
      [200, "NotFound", "deleted", "overview"],
      [400, "Usage", "badFilter", "clearFilter"]
    ] as const) {
      const { last } = run([...live, [50, { kind: "refused", status, error, message: "so it is" }]])
      const { state } = last.connection
      assert.strictEqual(last.command, "close")
      if (state.phase !== "stopped") return assert.fail(state.phase)
      assert.deepEqual([state.kind, state.nextSteps[0], state.reason], [kind, nextStep, "so it is"])
      assert.isUndefined(
        run(
          [
            [60, tick],
            [70, failed],
            [80, { kind: "ended" }]
          ],
          last.connection
        ).last.command
      )
    }
    assert.strictEqual(
      run([...live, [9, { kind: "refused", status: 500, error: "Io", message: "" }]]).connection.state.phase,
      "reconnecting"
    )
  })

  it("rests for a hidden tab without calling it an interruption, and opens again when wanted", () => {
    const hidden = run([...live, [100, { kind: "stop", by: "hidden" }]])
    assert.strictEqual(hidden.last.command, "close")
    const back = run(
      [
        [500, { kind: "start" }],
        [510, { kind: "opened" }]
      ],
      hidden.connection
    )
    assert.isUndefined(back.last.interruptedSince)
    const late = run([[200, { kind: "opened" }]], hidden.connection)
    assert.strictEqual(late.last.command, "close")
    const wished = run(
      [
        [100, { kind: "stop", by: "byReader" }],
        [500, { kind: "start" }],
        [510, { kind: "opened" }]
      ],
      run(live).connection
    )
    assert.strictEqual(wished.last.interruptedSince, 100)
  })

  it("says it in words", () => {
    const { connection } = run([...live, [1_000, failed]])
    assert.strictEqual(connectionText(connection.state, 1_000), "Reconnecting in 1 s")
    assert.strictEqual(countdownSeconds(connection.state, 9_000), 0)
    assert.strictEqual(connectionText(run(live).connection.state, 0), "Live")
    assert.strictEqual(connectionText(notStarted.state, 0), "Stopped")
  })

  it("knows from the bounds whether something was lost, or the pool is another one", () => {
    assert.strictEqual(compareBounds(10, { oldest: 3, newest: 12 }), "whole")
    assert.strictEqual(compareBounds(10, { oldest: 11, newest: 12 }), "whole")
    assert.deepEqual(compareBounds(10, { oldest: 15, newest: 20 }), { lostFrom: 11, lostTo: 14 })
    assert.strictEqual(compareBounds(10, { oldest: 1, newest: 2 }), "recreated")
    assert.strictEqual(compareBounds(10, {}), "recreated")
    assert.strictEqual(compareBounds(undefined, { oldest: 5, newest: 6 }), "whole")
  })
})
