/**
 * Our program and upstream's, as real processes on the same files: each reads what the other writes, both follow while
 * both write, and each one's doctor passes the other's pools.
 */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { encodeText } from "../../src/internal/lite3/encodeText.js"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { eventually, finish, type Launch, programs, type Running, startCommand } from "../cli/harness.js"

const upstream = process.env["PLASMITE_UPSTREAM_BIN"]!

interface Side {
  readonly name: string
  readonly command: ReadonlyArray<string>
  readonly append: string
  readonly follow: string
  readonly get: string
}
const ours: Side = { name: "ours", command: programs.pls, append: "poke", follow: "peek", get: "get" }
const theirs: Side = { name: "upstream", command: [upstream], append: "feed", follow: "follow", get: "fetch" }

const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-upstream-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
let directories = 0
let directory = root
const fresh = (): void => {
  directory = path.join(root, String(directories++))
  fs.mkdirSync(directory)
}

const begin = (side: Side, args: ReadonlyArray<string>, launch: Launch = {}): Running =>
  startCommand([...side.command, "--dir", directory, ...args], { cwd: directory, ...launch })

const call = async (side: Side, args: ReadonlyArray<string>, launch: Launch = {}): Promise<string> => {
  const outcome = await finish(begin(side, args, launch), 100_000)
  assert.strictEqual(outcome.code, 0, `${side.name} ${args.join(" ")}: ${outcome.stderr}`)
  return outcome.stdout
}

interface Envelope {
  readonly seq: number
  readonly time: string
  readonly meta: { readonly tags: ReadonlyArray<string> }
  readonly data: Readonly<Record<string, unknown>>
}
const parseLines = (text: string): Array<Envelope> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Envelope)

const doctorStatus = async (side: Side, pool: string): Promise<string> => {
  const report = JSON.parse(await call(side, ["doctor", pool, "--json"])) as { reports: [{ status: string }] }
  return report.reports[0].status
}

const bothHealthy = async (pool: string): Promise<void> => {
  assert.strictEqual(await doctorStatus(ours, pool), "ok", "our doctor")
  assert.strictEqual(await doctorStatus(theirs, pool), "ok", "upstream's doctor")
}

const documents = [
  '{"plain":"text","n":1}',
  '{"big":9007199254740993,"negative":-9223372036854775808,"float":1.0,"small":5e-324,"fraction":23.5}',
  '{"unicode":"naïve ☃ 𝄞","escape":"line\\nquote\\"back\\\\slash\\u0001","empty":""}',
  '{"nested":{"list":[1,[2,[3,{}]],{"a":null,"b":true,"c":false}]},"":"empty key"}',
  `{"string90":"${"x".repeat(90)}","string89":"${"y".repeat(89)}"}`,
  `{"long":"${"lorem ipsum ".repeat(300)}"}`,
  `{"many":[${Array.from({ length: 100 }, (_, index) => index).join(",")}]}`,
  '{"ab":1,"bA":2,"c ":3}'
]
const tagLists = [[], ["one"], ["b", "a", "b"], ["naïve ☃"]]

beforeAll(() => {
  assert.isTrue(fs.existsSync(upstream), upstream)
})

describe("one writes, the other reads", () => {
  for (const [writer, reader] of [
    [ours, theirs],
    [theirs, ours]
  ] as const) {
    it(`${writer.name} writes, ${reader.name} reads the same by number and by following`, async () => {
      fresh()
      await call(writer, ["pool", "create", "p"])
      for (const [index, document] of documents.entries()) {
        const tags = tagLists[index % tagLists.length]!.flatMap((tag) => ["--tag", tag])
        await call(writer, [writer.append, "p", document, ...tags])
      }
      const read = async (side: Side) => {
        const byNumber: Array<Envelope> = []
        for (let seq = 1; seq <= documents.length; seq++) {
          byNumber.push(...parseLines(await call(side, [side.get, "p", String(seq)])))
        }
        const replayed = await call(side, [side.follow, "p", "--tail", "99", "--replay", "0", "--jsonl"])
        return { byNumber, replayed: parseLines(replayed) }
      }
      const [mine, other] = [await read(writer), await read(reader)]
      assert.deepStrictEqual(other.byNumber, mine.byNumber)
      assert.deepStrictEqual(other.replayed, mine.byNumber)
      assert.deepStrictEqual(mine.replayed, mine.byNumber)
      for (const [index, message] of other.byNumber.entries()) {
        assert.deepStrictEqual(message.data, JSON.parse(documents[index]!) as Envelope["data"])
        assert.deepStrictEqual(message.meta.tags, tagLists[index % tagLists.length])
      }
      await bothHealthy("p")
    })
  }

  it("exact numbers keep their digits through the other's hands", async () => {
    fresh()
    await call(theirs, ["feed", "p", documents[1]!, "--create"])
    const text = await call(ours, ["get", "p", "1"])
    for (const digits of [
      '"big":9007199254740993',
      '"negative":-9223372036854775808',
      '"float":1.0',
      '"fraction":23.5'
    ]) {
      assert.include(text, digits)
    }
    await call(ours, ["poke", "p", text.slice(text.indexOf('"data":') + 7, -2)])
    const [first, second] = [await call(theirs, ["fetch", "p", "1"]), await call(theirs, ["fetch", "p", "2"])]
    const data = (line: string): string => /"data":(\{.*?\}),"meta"/.exec(line)![1]!
    assert.strictEqual(data(second), data(first))
  })
})

describe("both at once", () => {
  it("both follow while both write: everybody sees every message, in one order", async () => {
    fresh()
    await call(ours, ["pool", "create", "p", "--size", "8M"])
    const file = path.join(directory, "p.plasmite")
    const followers = [begin(ours, ["peek", "p", "--jsonl"]), begin(theirs, ["follow", "p", "--jsonl"])]
    for (const follower of followers) await follower.waitUntilFollowing(file)
    const count = 1500
    const stream = (writer: string): string =>
      Array.from({ length: count }, (_, n) => `{"writer":"${writer}","n":${n},"pad":"${"p".repeat(n % 90)}"}\n`).join(
        ""
      )
    await Promise.all([
      call(ours, ["poke", "p"], { stdin: stream("ours") }),
      call(theirs, ["feed", "p"], { stdin: stream("theirs") }),
      call(ours, ["poke", "p"], { stdin: stream("ours too") })
    ])
    for (const follower of followers) await follower.waitForLines(3 * count, 60_000)
    const [seen, seenByUpstream] = followers.map((follower) => parseLines(follower.stdout()))
    assert.deepStrictEqual(
      seen!.map(({ seq }) => seq),
      Array.from({ length: 3 * count }, (_, index) => index + 1)
    )
    assert.deepStrictEqual(seenByUpstream, seen)
    for (const writer of ["ours", "theirs", "ours too"]) {
      const own = seen!.filter(({ data }) => data["writer"] === writer).map(({ data }) => data["n"])
      assert.deepStrictEqual(
        own,
        Array.from({ length: count }, (_, n) => n)
      )
    }
    for (const follower of followers) follower.kill("SIGTERM")
    await bothHealthy("p")
  })

  it("on a small ring that wraps all the time our reader sees no torn message and reports each gap", async () => {
    fresh()
    await call(theirs, ["pool", "create", "p", "--size", "64K"])
    const reader = begin(ours, ["peek", "p", "--jsonl"])
    await reader.waitUntilFollowing(path.join(directory, "p.plasmite"))
    const count = 4000
    const record = (writer: string, n: number): string => {
      const pad = String.fromCharCode(97 + (n % 26)).repeat((n * 37) % 900)
      return `{"writer":"${writer}","n":${n},"pad":"${pad}","length":${pad.length}}\n`
    }
    const stream = (writer: string): string => Array.from({ length: count }, (_, n) => record(writer, n)).join("")
    await Promise.all([
      call(theirs, ["feed", "p"], { stdin: stream("theirs") }),
      call(ours, ["poke", "p", "--quiet"], { stdin: stream("ours") })
    ])
    await call(ours, ["poke", "p", '{"last":true}'])
    await eventually("the last message", () => reader.stdout().includes('"last":true'), 60_000)
    const seen = parseLines(reader.stdout()).slice(0, -1)
    for (const { data } of seen) {
      const { n, writer } = data as { n: number; writer: string }
      assert.deepStrictEqual(data, JSON.parse(record(writer, n)) as Envelope["data"], `message ${n} of ${writer}`)
    }
    // The reader was there before the first message.
    const jumps: Array<string> = seen[0]!.seq === 1 ? [] : [`0->${seen[0]!.seq}`]
    for (let index = 1; index < seen.length; index++) {
      const [before, after] = [seen[index - 1]!.seq, seen[index]!.seq]
      assert.isAbove(after, before)
      if (after !== before + 1) jumps.push(`${before}->${after}`)
    }
    reader.kill("SIGTERM")
    const { stderr } = await finish(reader)
    const reported = stderr
      .split("\n")
      .filter((line) => line.includes('"drop"'))
      .map((line) => {
        const { details } = (JSON.parse(line) as { notice: { details: Record<string, number> } }).notice
        assert.strictEqual(details["dropped_count"], details["next_seen_seq"]! - details["last_seen_seq"]! - 1)
        return `${details["last_seen_seq"]}->${details["next_seen_seq"]}`
      })
    // What happened in the last second may not have been reported yet when the reader was ended.
    assert.deepStrictEqual(jumps.slice(0, reported.length), reported)
    await bothHealthy("p")
  })

  it("a pool that upstream padded at the end is read to the end, and healed by our next append", async () => {
    const ringBytes = 65536 - 8192
    const record = (n: number, length: number): string =>
      `{"n":${String(n).padStart(4, "1")},"pad":"${"p".repeat(length)}"}`
    const stubBytes = (length: number): number =>
      ringBytes % (Math.ceil((72 + encodeText(record(1, length), []).length) / 8) * 8)
    const lengths = Array.from({ length: 200 }, (_, index) => 8 * index)
      .filter((length) => stubBytes(length) > 0 && stubBytes(length) < 64)
      .slice(0, 6)
    assert.isAbove(lengths.length, 3)
    for (const length of lengths) {
      fresh()
      await call(theirs, ["pool", "create", "p", "--size", "64K"])
      const stream = Array.from(
        { length: 600 },
        (_, n) => `{"n":${String(n).padStart(4, "1")},"pad":"${"p".repeat(length)}"}\n`
      )
      await call(theirs, ["feed", "p"], { stdin: stream.join("") })
      const info = JSON.parse(await call(ours, ["pool", "info", "p", "--json"])) as {
        bounds: { oldest: number; newest: number }
      }
      assert.include(await call(ours, ["doctor", "p"]), "padding")
      const all = parseLines(await call(ours, ["peek", "p", "--tail", "9999", "--replay", "0"]))
      assert.deepStrictEqual([all[0]?.seq, all.at(-1)?.seq], [info.bounds.oldest, 600], `pad ${length}`)
      assert.strictEqual(all.length, 600 - info.bounds.oldest + 1)
      await call(ours, ["poke", "p", '{"n":"ours"}'])
      const theirView = parseLines(await call(theirs, ["follow", "p", "--tail", "9999", "--replay", "0", "--jsonl"]))
      assert.strictEqual(theirView.at(-1)?.seq, 601)
      assert.notInclude(await call(ours, ["doctor", "p"]), "padding")
      await bothHealthy("p")
    }
  })

  it("a pool that upstream's killed writers left is usable again after our next append", async () => {
    for (let round = 0; round < 12; round++) {
      fresh()
      await call(theirs, ["pool", "create", "p", "--size", "1M"])
      const big = Array.from({ length: 400 }, (_, n) => `{"n":${n},"pad":"${"b".repeat(200_000 + n * 100)}"}\n`).join(
        ""
      )
      const victim = begin(theirs, ["feed", "p"], { stdin: big })
      await victim.waitForLines(3, 30_000)
      await new Promise((resolve) => setTimeout(resolve, 5 + round * 3))
      victim.kill("SIGKILL")
      await finish(victim)
      const acknowledged = parseLines(victim.stdout()).at(-1)!.seq
      const next = parseLines(await call(ours, ["poke", "p", '{"after":true}']))[0]!.seq
      assert.isAbove(next, acknowledged)
      assert.strictEqual(parseLines(await call(ours, ["get", "p", String(acknowledged)]))[0]?.seq, acknowledged)
      await bothHealthy("p")
      for (let n = 0; n < 5; n++) await call(theirs, ["feed", "p", `{"n":${n}}`])
      await bothHealthy("p")
    }
  })
})

describe("keys", () => {
  it("in tags that upstream's writers give count like our own, while both write at once", async () => {
    fresh()
    await call(theirs, ["pool", "create", "p", "--size", "4M"])
    await call(theirs, ["feed", "p", '{"by":"upstream"}', "--tag", "key:first"])
    const again = parseLines(await call(ours, ["poke", "p", '{"by":"ours"}', "--key", "first"]))[0] as Envelope & {
      readonly repeated?: boolean
    }
    assert.deepStrictEqual([again.seq, again.data, again.repeated], [1, { by: "upstream" }, true])

    // Upstream's records land between ours; each of its keys is asked for by two of ours at once.
    const count = 12
    const feeding = begin(theirs, ["feed", "p", "--tag", "key:fed"], { stdin: "open" })
    const keyed = async (index: number): Promise<ReadonlyArray<number>> => {
      feeding.write(`{"fed":${index}}\n`)
      const poke = (by: number) => call(ours, ["poke", "p", `{"by":${by}}`, "--key", `order-${index}`])
      const theirsToo = call(theirs, ["feed", "p", `{"n":${index}}`, "--tag", `key:theirs-${index}`])
      const outputs = await Promise.all([poke(1), poke(2), theirsToo])
      const theirSeq = parseLines(outputs[2])[0]!.seq
      const found = parseLines(await call(ours, ["poke", "p", "{}", "--key", `theirs-${index}`]))[0]!
      assert.deepStrictEqual([found.seq, found.data], [theirSeq, { n: index }])
      return [parseLines(outputs[0])[0]!.seq, parseLines(outputs[1])[0]!.seq]
    }
    for (let index = 0; index < count; index++) {
      const [one, other] = await keyed(index)
      assert.strictEqual(one, other)
    }
    feeding.end()
    assert.strictEqual((await finish(feeding)).code, 0)
    // One message for each key, and for each record that was fed.
    assert.include(await call(ours, ["pool", "info", "p"]), ` count=${1 + 3 * count}`)
    const kept = parseLines(await call(theirs, ["fetch", "p", String(again.seq)]))[0]!
    assert.deepStrictEqual(kept.meta.tags, ["key:first"])
    await bothHealthy("p")
  }, 100_000)
})
