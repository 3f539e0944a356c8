/**
 * What a repair must make of every damaged pool there is a specimen of, whatever the pools stand on: what survives is
 * what can survive, the copy is the damage as it was, appends go on, and what is healthy stays as it is.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import type { PoolError } from "../../src/PoolError.js"
import { PoolLock } from "../../src/PoolLock.js"
import { Pools } from "../../src/Pools.js"
import { PoolStorage } from "../../src/PoolStorage.js"

interface Specimen {
  readonly file: string
  readonly damage: string
  readonly expect: {
    readonly open: string
    readonly finding?: string
    readonly doctor_must_report_issues: boolean
    readonly seqs_after_fix?: ReadonlyArray<number>
    readonly next_append_seq?: number
  }
}

const golden = new URL("../golden/pools/", import.meta.url)

export const specimens: ReadonlyArray<Specimen> = (
  JSON.parse(fs.readFileSync(new URL("corrupt/expected.json", golden), "utf8")) as { cases: Array<Specimen> }
).cases

/** Eight messages, and a header that something happened to: what it was can be told. */
export const mendable = [
  "bad-magic",
  "endianness-0",
  "endianness-2",
  "file-size-wrong",
  "file-size-zero",
  "index-capacity-max",
  "index-capacity-wrong",
  "index-offset-wrong",
  "ring-offset-small",
  "ring-offset-wrong",
  "ring-size-wrong",
  "head-misaligned",
  "head-out-of-range",
  "seq-inverted",
  "tail-misaligned",
  "tail-next-out-of-range",
  "tail-out-of-range"
]

/** The same without messages: nothing to keep, and for these two nothing to doubt. */
export const emptied = ["empty-head-mismatch", "empty-tail-next-mismatch"]

export const nameOf = ({ file }: Specimen): string => file.slice(0, -".plasmite".length)

/** What a repair has to keep, or `undefined` for a file of which nothing is certain. */
export const survivors = (specimen: Specimen): ReadonlyArray<number> | undefined => {
  if (specimen.expect.open === "ok") return specimen.expect.seqs_after_fix
  if (mendable.includes(nameOf(specimen))) return [1, 2, 3, 4, 5, 6, 7, 8]
  return emptied.includes(nameOf(specimen)) ? [] : undefined
}

/** Damage that lies between messages that can be read. */
export const staysByDefault = ({ expect: { finding } }: Specimen): boolean =>
  finding === "hole" || finding === "content"

/** The error; succeeding is the failure of the test. */
const failure = <A, R>(effect: Effect.Effect<A, PoolError, R>): Effect.Effect<PoolError, never, R> =>
  Effect.matchEffect(effect, {
    onFailure: Effect.succeed,
    onSuccess: () => Effect.dieMessage("should have failed")
  })

type Everything = Pools | PoolLock | PoolStorage

export const poolsRepairContract = (name: string, makeLayer: () => Layer.Layer<Everything>): void => {
  const test = (title: string, body: Effect.Effect<void, PoolError, Everything | Scope.Scope>): void => {
    it.scopedLive(title, () => Effect.provide(body, makeLayer()))
  }

  const bytesOf = (path: string) =>
    Effect.scoped(
      Effect.gen(function* () {
        const file = yield* (yield* PoolStorage).open(path)
        const bytes = new Uint8Array(file.byteLength)
        file.read(0, bytes, 0, bytes.length)
        return Buffer.from(bytes)
      })
    )

  /** A pool with the bytes of a golden file, and those bytes. */
  const put = (pool: string, goldenPath: string) =>
    Effect.gen(function* () {
      const bytes = fs.readFileSync(new URL(goldenPath, golden))
      const path = yield* (yield* Pools).pathOf(pool)
      yield* (yield* PoolStorage).create(path, { byteLength: bytes.length, header: bytes })
      return { path, bytes }
    })

  const readable = (pool: string) =>
    Effect.scoped(
      Effect.gen(function* () {
        const opened = yield* (yield* Pools).open(pool)
        const all = opened.tail({ from: "oldest", follow: false, onDamage: () => Effect.void })
        return Chunk.toReadonlyArray(yield* Stream.runCollect(all)).map(({ seq }) => seq)
      })
    )

  const appendsGoOn = (pool: string, next: number) =>
    Effect.scoped(
      Effect.gen(function* () {
        const opened = yield* (yield* Pools).open(pool)
        for (let count = 0; count < 40; count++) {
          const { seq } = yield* opened.append({ count, pad: "x".repeat((count * 53) % 300) })
          assert.strictEqual(seq, next + count)
          assert.strictEqual((yield* opened.get(seq)).data["count"], count)
        }
      })
    )

  describe(`Pools.repair: ${name}`, () => {
    test(
      "each damaged pool: what can survive does, the copy is the original, appends go on",
      Effect.gen(function* () {
        const pools = yield* Pools
        for (const specimen of specimens) {
          const expected = survivors(specimen)
          if (expected === undefined || !specimen.expect.doctor_must_report_issues) continue
          const pool = nameOf(specimen)
          const { bytes, path } = yield* put(pool, `corrupt/${specimen.file}`)
          assert.isTrue((yield* pools.verify(pool)).hints.some((hint) => hint.includes(`pls doctor ${pool} --repair`)))
          const report = yield* pools.repair(pool)
          assert.strictEqual(report.before.status, "corrupt", pool)
          assert.deepStrictEqual(yield* readable(pool), expected, pool)
          assert.strictEqual(report.kept.count, expected.length, pool)
          assert.deepStrictEqual(
            [report.kept.oldest, report.kept.newest],
            [expected[0] ?? null, expected.at(-1) ?? null],
            pool
          )
          assert.strictEqual(report.after.status, staysByDefault(specimen) ? "corrupt" : "ok", pool)
          if (report.changes.length === 0) {
            assert.isTrue(staysByDefault(specimen), pool)
            assert.isNull(report.backupPath)
            assert.isTrue((yield* bytesOf(path)).equals(bytes), `${pool} is as it was`)
          } else {
            assert.strictEqual(report.backupPath, `${path}.backup-1`)
            assert.isTrue((yield* bytesOf(report.backupPath!)).equals(bytes), `backup of ${pool}`)
            assert.deepStrictEqual(report.after.hints, [], pool)
          }
          assert.deepStrictEqual(yield* pools.verify(pool), report.after)
          const again = yield* pools.repair(pool)
          assert.deepStrictEqual([again.changes, again.backupPath], [[], null], pool)
          yield* appendsGoOn(
            pool,
            specimen.expect.next_append_seq ?? ((yield* pools.info(pool)).bounds.newest ?? 0) + 1
          )
          assert.strictEqual((yield* pools.verify(pool)).status, "ok", pool)
        }
      })
    )

    test(
      "damage in the middle goes with what lies before it, if told so",
      Effect.gen(function* () {
        const pools = yield* Pools
        for (const specimen of specimens.filter(staysByDefault)) {
          const pool = nameOf(specimen)
          const { bytes, path } = yield* put(pool, `corrupt/${specimen.file}`)
          const { hints } = yield* pools.verify(pool)
          assert.isTrue(hints.some((hint) => hint.includes(`pls doctor ${pool} --repair --drop-damaged`)))
          const report = yield* pools.repair(pool, { dropDamaged: true })
          const known = specimen.expect.seqs_after_fix!
          const lastLost = known.findLast((seq, index) => index > 0 && known[index - 1] !== seq - 1)! - 1
          const kept = known.filter((seq) => seq > lastLost)
          assert.deepStrictEqual(yield* readable(pool), kept)
          assert.deepStrictEqual(report.kept, { oldest: kept[0]!, newest: 8, count: kept.length })
          assert.deepStrictEqual(report.lost, [{ from: 1, to: lastLost }])
          assert.strictEqual(report.after.status, "ok")
          assert.isTrue((yield* bytesOf(`${path}.backup-1`)).equals(bytes))
          yield* appendsGoOn(pool, 9)
        }
      })
    )

    test(
      "what the header announced and the ring does not hold is reported lost",
      Effect.gen(function* () {
        const pools = yield* Pools
        const lostOf = (pool: string) =>
          Effect.zipRight(
            put(pool, `corrupt/${pool}.plasmite`),
            Effect.map(pools.repair(pool), ({ lost }) => lost)
          )
        assert.deepStrictEqual(yield* lostOf("zeroed-tail-page"), [{ from: 1, to: 4 }])
        assert.deepStrictEqual(yield* lostOf("zeroed-newest"), [{ from: 8, to: 8 }])
        assert.deepStrictEqual(yield* lostOf("zeroed-ring"), [{ from: 1, to: 8 }])
        assert.deepStrictEqual(yield* lostOf("middle-frame-bad-magic"), [{ from: 4, to: 4 }])
        assert.deepStrictEqual(yield* lostOf("ext-payload-bit-flip"), [{ from: 3, to: 3 }])
        assert.deepStrictEqual(yield* lostOf("bad-magic"), [])
      })
    )

    test(
      "what is not certain is refused, and stays as it is, without a copy",
      Effect.gen(function* () {
        const pools = yield* Pools
        const hopeless = specimens.filter((specimen) => survivors(specimen) === undefined)
        assert.strictEqual(hopeless.length, 10)
        for (const specimen of hopeless) {
          const pool = nameOf(specimen)
          const { bytes, path } = yield* put(pool, `corrupt/${specimen.file}`)
          const error = yield* failure(pools.repair(pool))
          assert.deepStrictEqual([error.reason, error.path], [specimen.expect.open, path], pool)
          assert.isNotEmpty(error.hint)
          assert.isTrue((yield* bytesOf(path)).equals(bytes), pool)
          assert.strictEqual((yield* failure(bytesOf(`${path}.backup-1`))).reason, "NotFound")
          assert.isFalse(
            (yield* pools.verify(pool)).hints.some((hint) => hint.includes("--repair")),
            pool
          )
        }
      })
    )

    test(
      "a healthy pool is never touched, also one with an index that leads nowhere",
      Effect.gen(function* () {
        const pools = yield* Pools
        const healthy = fs.readdirSync(golden).filter((file) => file.endsWith(".plasmite"))
        const harmless = specimens.filter(({ expect }) => !expect.doctor_must_report_issues)
        assert.strictEqual(harmless.length, 5)
        for (const file of [...healthy, ...harmless.map(({ file }) => `corrupt/${file}`)]) {
          const pool = file.replace("/", "-")
          const { bytes, path } = yield* put(pool, file)
          const report = yield* pools.repair(pool, { dropDamaged: true })
          assert.deepStrictEqual(
            [report.after.status, report.changes, report.lost, report.backupPath],
            ["ok", [], [], null]
          )
          assert.strictEqual(report.kept.count, (yield* readable(pool)).length)
          assert.isTrue((yield* bytesOf(path)).equals(bytes), pool)
          assert.strictEqual((yield* failure(bytesOf(`${path}.backup-1`))).reason, "NotFound")
        }
      })
    )

    test(
      "copies are numbered, and none is made if not wanted",
      Effect.gen(function* () {
        const pools = yield* Pools
        const { bytes, path } = yield* put("p", "corrupt/tail-mid-frame.plasmite")
        yield* (yield* PoolStorage).create(`${path}.backup-1`, { byteLength: 3, header: Uint8Array.of(1, 2, 3) })
        assert.strictEqual((yield* pools.repair("p")).backupPath, `${path}.backup-2`)
        assert.strictEqual((yield* bytesOf(`${path}.backup-1`)).length, 3)
        assert.isTrue((yield* bytesOf(`${path}.backup-2`)).equals(bytes))
        assert.strictEqual((yield* pools.list).length, 1)

        const other = yield* put("q", "corrupt/tail-mid-frame.plasmite")
        const report = yield* pools.repair("q", { backup: false })
        assert.deepStrictEqual([report.after.status, report.backupPath, report.changes.length], ["ok", null, 1])
        assert.strictEqual((yield* failure(bytesOf(`${other.path}.backup-1`))).reason, "NotFound")
      })
    )

    test(
      "the index leads to every message that is left",
      Effect.gen(function* () {
        const pools = yield* Pools
        const storage = yield* PoolStorage
        const { path } = yield* put("p", "corrupt/tail-mid-frame.plasmite")
        const file = yield* storage.open(path)
        file.write(4096, new Uint8Array(8 * 16).fill(0xff), 0, 8 * 16)
        assert.isTrue((yield* pools.verify("p")).hints.some((hint) => hint.includes("8 of 8 index slots")))
        const { after, changes } = yield* pools.repair("p")
        assert.deepStrictEqual([after.hints, changes.length], [[], 2])
      })
    )

    test(
      "a handle that was open all the while goes on, and a repair waits for its turn",
      Effect.gen(function* () {
        const pools = yield* Pools
        yield* put("p", "corrupt/zeroed-tail-page.plasmite")
        const handle = yield* pools.open("p")
        const lock = yield* (yield* PoolLock).open(handle.path)
        assert.isTrue(lock.tryAcquire("exclusive"))
        assert.strictEqual((yield* failure(pools.repair("p"))).reason, "Busy")
        lock.release()
        yield* pools.repair("p")
        assert.strictEqual((yield* handle.append({ n: 9 })).seq, 9)
        assert.strictEqual((yield* handle.get(5)).seq, 5)
        assert.strictEqual((yield* pools.verify("p")).status, "ok")
        assert.strictEqual((yield* failure(pools.repair("missing"))).reason, "NotFound")
      })
    )
  })
}
