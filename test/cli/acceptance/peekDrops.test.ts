// A reader that cannot keep up: it loses what the ring overwrote, knows it, and says so.
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe } from "vitest"
import { type Message, notices, type Notice } from "../answers.js"
import { eventually, finish, type Running } from "../harness.js"
import { type Room, type Spelling, spelledRow } from "../room.js"

interface SlowReading {
  readonly seqs: ReadonlyArray<number>
  readonly drops: ReadonlyArray<Notice>
  readonly stderr: string
  readonly oldest: number
}

const bursts = 3
const messagesPerBurst = 200
const messageCount = bursts * messagesPerBurst
const message = JSON.stringify({ pad: "x".repeat(8 * 1024) })

/** Starts a reader whose output stays unread while far more is appended than ring and pipe can hold. */
const readSlowly = async (
  { start, pool, run, info, file }: Room,
  args: ReadonlyArray<string>
): Promise<{ readonly peek: Running; readonly oldest: number }> => {
  await pool("p")
  const peek = start([...args], { paused: true })
  await peek.waitUntilFollowing(file("p"))
  const stdin = `${message}\n`.repeat(messagesPerBurst)
  // The reader may hold some of the first burst in memory, and the pipe some more; the others overwrite the ring.
  for (let burst = 0; burst < bursts; burst++) {
    assert.strictEqual((await run(["feed", "p"], { stdin })).code, 0)
    await sleep(500)
  }
  const { bounds } = await info("p")
  peek.resume()
  await eventually("the newest message was read", () => lastSeq(peek) === messageCount)
  return { peek, oldest: bounds.oldest! }
}

const seqOf = (line: string): number => (JSON.parse(line) as Message).seq
const lastSeq = (peek: Running): number => {
  const line = peek.lines().at(-1)
  return line === undefined ? 0 : seqOf(line)
}

/** The same for the rows about its notices: they come at most once per second, so the last one may be late. */
const slowReading = async (room: Room, say: Spelling): Promise<SlowReading> => {
  const { peek, oldest } = await readSlowly(room, [say.peek, "p", "--jsonl"])
  await eventually("a drop notice", () => peek.stderr().endsWith("\n"), 5_000)
  peek.kill("SIGTERM")
  const { stderr } = await finish(peek)
  return { seqs: peek.lines().map(seqOf), drops: notices(stderr), stderr, oldest }
}

describe("peek: falling behind", () => {
  spelledRow(142, "both", "a reader of stdout that is too slow", async (room, say) => {
    const { drops } = await slowReading(room, say)
    assert.isNotEmpty(drops)
    for (const { kind, cmd, pool, details } of drops) {
      assert.deepEqual([kind, cmd, pool, details["pool_path"]], ["drop", say.peek, "p", room.file("p")])
      assert.isAbove(Number(details["dropped_count"]), 0)
      assert.isNumber(details["last_seen_seq"])
      assert.isNumber(details["next_seen_seq"])
    }
  })

  spelledRow(143, "both", "notices and sequence numbers agree", async (room, say) => {
    const { seqs, drops } = await slowReading(room, say)
    const jumps = seqs.flatMap((seq, index) =>
      index > 0 && seq !== seqs[index - 1]! + 1 ? [[seqs[index - 1], seq]] : []
    )
    assert.deepEqual(
      drops.map(({ details }) => [details["last_seen_seq"], details["next_seen_seq"]]),
      jumps
    )
    for (const { details } of drops) {
      const [count, last, next] = [details["dropped_count"], details["last_seen_seq"], details["next_seen_seq"]].map(
        Number
      )
      assert.strictEqual(count, next! - last! - 1)
    }
  })

  spelledRow("A6", "ours", "the stream continues at the oldest retained message", async (room, say) => {
    const { seqs, drops, oldest } = await slowReading(room, say)
    assert.strictEqual(drops.at(-1)?.details["next_seen_seq"], oldest)
    assert.include(seqs, oldest)
  })

  spelledRow(144, "both", "--quiet-drops", async (room, say) => {
    const { peek } = await readSlowly(room, [say.peek, "p", "--jsonl", "--quiet-drops"])
    // Longer than any notice may be held back.
    await sleep(1_500)
    peek.kill("SIGTERM")
    const { stderr } = await finish(peek)
    assert.strictEqual(stderr, "")
    assert.isBelow(peek.lines().length, messageCount)
  })
})
