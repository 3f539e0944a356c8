// Writers and readers as separate processes on one small pool: whatever is seen was written, whole and under its own
// number, and whatever is not seen is owned up to.
import * as crypto from "node:crypto"
import * as fs from "node:fs"
import { assert, describe, it } from "vitest"
import { type Message, messages, type Notice, notices, succeeded } from "./answers.js"
import { eventually, finish, type Running } from "./harness.js"
import { makeRoom, type Room } from "./room.js"

const messagesPerWriter = 50_000
const writers = ["left", "right"] as const
type Writer = (typeof writers)[number]

interface Checked {
  readonly writer: Writer
  readonly counter: number
  readonly filler: string
  readonly hash: string
}

const hashOf = (writer: string, counter: number, filler: string): string =>
  crypto.createHash("sha256").update(`${writer} ${counter} ${filler}`).digest("base64").slice(0, 16)

/** Fillers of every length up to 255, each from its own place in an endless text, without any chance. */
const alphabet = "the quick brown fox jumps over the lazy dog — naïve ☃ ".repeat(10)
const fillerOf = (counter: number): string => {
  const start = (counter * 7919) % 300
  return alphabet.slice(start, start + ((counter * 104_729) % 256))
}

const writeInput = ({ write }: Room, writer: Writer): string => {
  const lines: Array<string> = []
  for (let counter = 0; counter < messagesPerWriter; counter++) {
    const filler = fillerOf(counter)
    lines.push(
      `{"writer":"${writer}","counter":${counter},"filler":"${filler}","hash":"${hashOf(writer, counter, filler)}"}`
    )
  }
  return write(`${writer}.jsonl`, `${lines.join("\n")}\n`)
}

interface Reader {
  readonly process: Running
  readonly stdoutFile: string
  readonly stderrFile: string
}

const startReader = async ({ start, home, file }: Room, name: string): Promise<Reader> => {
  const stdoutFile = `${home}/${name}.out`
  const stderrFile = `${home}/${name}.err`
  const process = start(["peek", "p", "--jsonl"], { stdoutFile, stderrFile })
  await process.waitUntilFollowing(file("p"))
  return { process, stdoutFile, stderrFile }
}

const endOf = (file: string): string => {
  const { size } = fs.statSync(file)
  const bytes = Buffer.alloc(Math.min(size, 1_024))
  const descriptor = fs.openSync(file, "r")
  fs.readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
  fs.closeSync(descriptor)
  return bytes.toString("utf8")
}

/** Numbers that are missing between two messages that a reader saw one after the other. */
interface Gap {
  readonly after: number
  readonly before: number
}

const gapsOf = (seqs: ReadonlyArray<number>): ReadonlyArray<Gap> => {
  const gaps: Array<Gap> = []
  for (let index = 1; index < seqs.length; index++) {
    const [after, before] = [seqs[index - 1]!, seqs[index]!]
    assert.isAbove(before, after)
    if (before !== after + 1) gaps.push({ after, before })
  }
  return gaps
}

/** Every gap is inside one notice, and every notice counts exactly what is missing inside it. */
const assertOwnedUp = (gaps: ReadonlyArray<Gap>, drops: ReadonlyArray<Notice>): void => {
  let accounted = 0
  for (const { details } of drops) {
    const [last, next, count] = [details["last_seen_seq"], details["next_seen_seq"], details["dropped_count"]].map(
      Number
    )
    const inside = gaps.filter(({ after, before }) => after >= last! && before <= next!)
    assert.strictEqual(inside[0]?.after, last)
    assert.strictEqual(inside.at(-1)?.before, next)
    const missing = inside.reduce((sum, { after, before }) => sum + before - after - 1, 0)
    assert.strictEqual(count, missing)
    accounted += inside.length
  }
  assert.strictEqual(accounted, gaps.length)
}

const droppedBy = (reader: Reader): number =>
  notices(fs.readFileSync(reader.stderrFile, "utf8")).reduce(
    (sum, { details }) => sum + Number(details["dropped_count"]),
    0
  )

describe("processes", () => {
  it("two writers and two readers on a pool that is overwritten a hundred times", async () => {
    const room = makeRoom()
    const inputs = writers.map((writer) => writeInput(room, writer))
    await room.sized("p", "256K")
    const [steady, halting] = [await startReader(room, "steady"), await startReader(room, "halting")]
    await room.fill("p", [{ begin: true }])
    for (const { stdoutFile } of [steady, halting]) {
      await eventually("the first message", () => endOf(stdoutFile).includes('"begin"'))
    }

    const receipts = writers.map((writer) => `${room.home}/${writer}.receipts`)
    const pokes = inputs.map((stdinFile, index) =>
      room.start(["feed", "p"], { stdinFile, stdoutFile: receipts[index]! })
    )
    // One reader is stopped time and again, for as long as it takes to lose something.
    for (let halt = 0; halt < 5; halt++) {
      const written = (): number => receipts.reduce((sum, file) => sum + fs.statSync(file).size, 0)
      const enough = written() + 500_000
      halting.process.kill("SIGSTOP")
      await eventually("writers go on", () => written() > enough || !pokes.some((poke) => poke.isRunning()))
      halting.process.kill("SIGCONT")
    }
    for (const poke of pokes) succeeded(await finish(poke, 60_000))
    await room.fill("p", [{ end: true }])
    const newest = 2 + writers.length * messagesPerWriter

    /** Who wrote what, by number: the n-th receipt of a writer belongs to its n-th message. */
    const written = new Map<number, readonly [Writer, number]>()
    for (const [index, writer] of writers.entries()) {
      for (const [counter, { seq }] of messages(fs.readFileSync(receipts[index]!, "utf8")).entries()) {
        assert.isFalse(written.has(seq), `${seq} was given out twice`)
        written.set(seq, [writer, counter])
      }
    }
    assert.strictEqual(written.size, newest - 2)
    for (let seq = 2; seq < newest; seq++) assert.isTrue(written.has(seq), `${seq} was given to nobody`)

    for (const reader of [steady, halting]) {
      await eventually("the last message", () => endOf(reader.stdoutFile).includes('"end"'))
      const seen = messages(fs.readFileSync(reader.stdoutFile, "utf8"))
      // Notices come at most once per second: the last may follow the last message.
      await eventually("all that is missing is owned up to", () => seen.length + droppedBy(reader) === newest, 5_000)
      reader.process.kill("SIGTERM")
      await finish(reader.process)

      const counters = new Map<Writer, number>(writers.map((writer) => [writer, -1]))
      for (const { seq, data } of seen.slice(1, -1) as unknown as ReadonlyArray<Message & { data: Checked }>) {
        const { writer, counter, filler, hash } = data
        assert.strictEqual(hash, hashOf(writer, counter, filler), `message ${seq} is torn`)
        assert.deepEqual([writer, counter], written.get(seq))
        assert.isAbove(counter, counters.get(writer)!)
        counters.set(writer, counter)
      }
      assertOwnedUp(gapsOf(seen.map(({ seq }) => seq)), notices(fs.readFileSync(reader.stderrFile, "utf8")))
    }
    assert.isAbove(droppedBy(halting), 0)
    succeeded(await room.run(["doctor", "p"]))
  }, 180_000)
})
