/**
 * Where one append goes: the parts that `RingWriter` is made of, called in its order, with a look at the clock between
 * them. Each part is timed where it runs, not in a loop of its own: behind a system call the same code takes up to half as
 * long again as in a loop that makes none. `Pool.append` beside it says what is left.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { encodeLent, encodeValue } from "../../../src/internal/lite3/encodeValue.js"
import { giveBack } from "../../../src/internal/lite3/Scratch.js"
import type { LocalHandle } from "../../../src/internal/localHandle.js"
import { AppendPlan, dropsAnything, planAppend } from "../../../src/internal/ring/appendPlan.js"
import { payloadChecksum } from "../../../src/internal/ring/checksum.js"
import { Committer } from "../../../src/internal/ring/commit.js"
import { EntryCheck } from "../../../src/internal/ring/entryCheck.js"
import { GroupRecord } from "../../../src/internal/ring/group.js"
import { RingTail } from "../../../src/internal/ring/oldestFrame.js"
import { unsafeNow } from "../../../src/internal/wallClock.js"
import type { Entry } from "../Entry.js"
import { nanosPerCall, nanosPerItem, tiny } from "../messages.js"
import { fill, openPools, repeat } from "../pools.js"

const noTags: ReadonlyArray<string> = []
const appendsPerRound = 8_000

/** In the order in which they happen. */
const steps = [
  "encode the message",
  "read the clock",
  "take the lock",
  "read the header",
  "look for a dead predecessor",
  "plan, and give up old messages",
  "frame: copy, checksums, stores, index slot",
  "publish: one write of 104 bytes",
  "give the lock back",
  "wake readers"
] as const

/** Appends one message by hand, and adds what each step took to `millis`. */
const stepwise = (handle: LocalHandle, clock: Clock.Clock, millis: Float64Array) => {
  const { lock, notify, ring } = handle
  const check = new EntryCheck(ring)
  const committer = new Committer(ring)
  const tail = new RingTail(ring)
  const plan = new AppendPlan()
  const group = new GroupRecord()
  const limits = { ringSize: ring.geometry.ringSize, maxPayload: ring.maxPayload }
  let looked = 0
  let isSettled = false
  const note = (step: number): void => {
    const now = performance.now()
    millis[step]! += now - looked
    looked = performance.now()
  }
  return (): void => {
    looked = performance.now()
    const payload = encodeLent(tiny, noTags)
    const payloads = [payload]
    note(0)
    const { high, low } = unsafeNow(clock)
    note(1)
    if (!lock.tryAcquire("exclusive")) throw new Error("the lock is held")
    note(2)
    const nothingHappened = committer.readPublished() && isSettled
    group.decode(committer.published, 0)
    note(3)
    if (!(nothingHappened && check.stillSound(group)) && check.run(group) !== "sound")
      throw new Error("a pool that nobody else writes to is not sound")
    note(4)
    if (group.oldest > 0) tail.reset(group, check.tailOffset, check.tailEnd)
    planAppend(plan, limits, group, group.oldest > 0 ? tail : undefined, payloads, 0)
    if (dropsAnything(plan, group)) committer.publishDrop(plan, undefined)
    note(5)
    committer.writeFrames(plan, payloads, 0, low, high, undefined)
    note(6)
    committer.publishAppend(plan, undefined)
    note(7)
    check.remember(plan.published.newest, plan.published.head)
    isSettled = true
    lock.release()
    note(8)
    notify.announce()
    giveBack(payload)
    note(9)
    // Nothing happens between these two: what reading the clock adds to each of the others.
    looked = performance.now()
    note(steps.length)
  }
}

const checksumming = () => {
  const payload = encodeValue(tiny, noTags)
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  return (): number => payloadChecksum(view, 0, payload.length)
}

export const stepsOfAppend: Entry = {
  name: "steps",
  rows: [],
  roundsFactor: 3,
  open: async ({ directory }) => {
    const pools = await openPools(directory)
    const pool = await pools.open("effect")
    await fill(pool)
    await fill(await pools.open("steps"))
    const clock = await Effect.runPromise(Effect.clockWith(Effect.succeed))
    const millis = new Float64Array(steps.length + 1)
    const append = stepwise(await pools.handle("steps"), clock, millis)
    const checksum = checksumming()
    const single = (): Promise<number> => Effect.runPromise(repeat(() => pool.append(tiny), 1_000)).then(() => 1_000)
    const taken: Array<Array<number>> = steps.map(() => [])
    const rest: Array<number> = []
    const checksums: Array<number> = []
    const measure = async (): Promise<void> => {
      millis.fill(0)
      for (let done = 0; done < appendsPerRound; done++) append()
      const nanos = [...millis].map((value) => (value * 1e6) / appendsPerRound)
      const looking = nanos.pop()!
      const each = nanos.map((value) => Math.max(value - looking, 0))
      const whole = await nanosPerItem(single)
      each.forEach((value, step) => taken[step]!.push(value))
      rest.push(whole - each.reduce((sum, value) => sum + value, 0))
      checksums.push(nanosPerCall(checksum, 5))
    }
    for (let warm = 0; warm < 4; warm++) await measure()
    for (const series of [...taken, rest, checksums]) series.length = 0
    return {
      round: async () => {
        await measure()
        return {}
      },
      plots: () => ({
        steps: [
          ...steps.map((name, step) => ({ name, values: taken[step]! })),
          { name: "Effect, the receipt, and what is not in these steps", values: rest }
        ],
        checksums: [{ name: "checksum of the payload, in a loop of its own", values: checksums }]
      }),
      close: pools.close
    }
  }
}
