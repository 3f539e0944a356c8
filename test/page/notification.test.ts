// How often a reader who is elsewhere is told of messages, and in which words.
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import {
  betweenMillis,
  freshPace,
  notificationText,
  notifyProblem,
  paced,
  type Pace
} from "../../http/page/logic/notification.js"
import { message } from "./messages.js"

describe("notifications", () => {
  it("come at once for the first message, then as a sum", () => {
    const first = paced(freshPace, 1, 1_000)
    assert.isTrue(first.isDue)
    const second = paced(first.pace, 3, 1_500)
    assert.deepEqual([second.isDue, second.lookInMillis], [false, betweenMillis - 500])
    const third = paced(second.pace, 2, 2_000)
    assert.isFalse(third.isDue)
    const due = paced(third.pace, 0, 1_000 + betweenMillis)
    assert.deepEqual([due.isDue, due.pace.count, due.pace.waiting], [true, 6, 0])
    assert.deepEqual(paced(due.pace, 0, 99_000), { pace: due.pace, isDue: false, lookInMillis: undefined })
  })

  it("are never nearer than that, and none is left untold, however messages come", () => {
    const arrivals = fc.array(fc.record({ after: fc.nat(4_000), more: fc.integer({ min: 1, max: 50 }) }), {
      maxLength: 60
    })
    fc.assert(
      fc.property(arrivals, (steps) => {
        let pace: Pace = freshPace
        let now = 0
        let told = 0
        let sum = 0
        const shown: Array<number> = []
        let lookAt: number | undefined
        const take = (more: number): void => {
          const step = paced(pace, more, now)
          pace = step.pace
          lookAt = step.lookInMillis === undefined ? undefined : now + step.lookInMillis
          if (!step.isDue) return
          shown.push(now)
          told = pace.count
        }
        const until = (time: number): void => {
          // After one look nothing waits.
          if (lookAt !== undefined && lookAt <= time) {
            now = lookAt
            take(0)
          }
          assert.isTrue(lookAt === undefined || lookAt > time)
          now = time
        }
        for (const { after, more } of steps) {
          until(now + after)
          sum += more
          take(more)
        }
        until(now + 2 * betweenMillis)
        assert.strictEqual(told, sum)
        shown.forEach((at, index) => assert.isTrue(index === 0 || at - shown[index - 1]! >= betweenMillis))
      })
    )
  })

  it("say view, pool, number and what matters of the message, in one plain line", () => {
    assert.deepEqual(notificationText("errors", "orders", message(7, '{"n":1,"level":"error"}'), 1), {
      title: "errors",
      body: "orders 7: level=error  n=1"
    })
    const { body, title } = notificationText(
      "errors\u202e",
      "orders",
      message(7, `{"message":"<b>a\\nb\\u202e</b>${"x".repeat(500)}"}`),
      12
    )
    assert.strictEqual(title, "errors : 12 messages")
    assert.isTrue(body.startsWith("orders 7: message=<b>a"))
    assert.notMatch(body, /[\p{Cc}\p{Cf}]/u)
    assert.isAtMost(Array.from(body).length, 160)
  })

  it("that cannot be shown are explained", () => {
    assert.isUndefined(notifyProblem("granted", true))
    assert.match(notifyProblem("denied", true)!, /settings/)
    assert.match(notifyProblem("default", true)!, /asked again/)
    assert.match(notifyProblem(undefined, true)!, /no notifications/)
    assert.match(notifyProblem("granted", false)!, /HTTPS/)
  })
})
