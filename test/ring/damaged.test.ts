import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { isPoolError } from "../../src/PoolError.js"
import { validatePayload } from "../../src/internal/lite3/validate.js"
import { readFrame } from "../../src/internal/ring/readFrame.js"
import { Ring } from "../../src/internal/ring/Ring.js"
import { RingWriter } from "../../src/internal/ring/RingWriter.js"
import { verifyRing } from "../../src/internal/ring/verify.js"
import { MemoryFile, TestLock } from "./MemoryFile.js"
import { assertSound, payloadOf, readAll } from "./tools.js"

interface Expectation {
  readonly open: string
  readonly doctor_must_report_issues: boolean
  readonly doctor_must_warn_about_index?: boolean
  readonly finding: string
  readonly readable_seqs_before_repair: Array<number>
  readonly writer_must_fix_header_before_append: boolean
  readonly frame_states_to_restore_at?: Array<number>
  readonly header_after_fix: Record<string, number>
  readonly seqs_after_fix: Array<number>
  readonly next_append_seq: number
  readonly get_seq_3?: string
}

const {
  cases
}: { readonly cases: Array<{ readonly file: string; readonly damage: string; readonly expect: Expectation }> } =
  JSON.parse(readFileSync(new URL("../golden/pools/corrupt/expected.json", import.meta.url), "utf8"))

const payloadProblem = (payload: Uint8Array): string | undefined => {
  try {
    validatePayload(payload)
    return undefined
  } catch (error) {
    if (isPoolError(error)) return error.message
    throw error
  }
}

const load = (file: string): MemoryFile => MemoryFile.golden(`corrupt/${file}`)
const open = (file: MemoryFile): Ring => Ring.open(file, { payloadProblem })

/** What a reader is left with once documents that do not decode are taken out. */
const readable = (file: MemoryFile, batch: number): Array<number> =>
  readAll(file, { batch, ring: open(file) })
    .frames.filter(({ payload }) => payloadProblem(payload) === undefined)
    .map(({ seq }) => seq)

const failure = (body: () => unknown) => {
  try {
    body()
  } catch (error) {
    if (isPoolError(error)) return error
    throw error
  }
  return undefined
}

describe("damaged pools", () => {
  it("are all here", () => assert.strictEqual(cases.length, 68))

  for (const { damage, expect, file: name } of cases.filter(({ expect }) => expect.open !== "ok")) {
    it(`${name}: ${damage}: is refused`, () => {
      const error = failure(() => Ring.open(load(name)))
      assert.strictEqual(error?.reason, expect.open)
      assert.strictEqual(error?.path, "test.plasmite")
      if (expect.open === "Corrupt") assert.include(error?.hint, "recreate")
      else assert.match(error?.message ?? "", /version \d+; this program supports version 3/)
    })
  }

  for (const { damage, expect, file: name } of cases.filter(({ expect }) => expect.open === "ok")) {
    describe(`${name}: ${damage}`, () => {
      it("a reader gets what can be read", () => {
        for (const batch of [1, 2, 1000]) {
          const file = load(name)
          assert.deepStrictEqual(readable(file, batch), expect.readable_seqs_before_repair)
          assert.deepStrictEqual(file.stores, [])
        }
      })

      it("each message by its number", () => {
        const ring = open(load(name))
        const { newest, oldest } = ring.readGroup()
        for (let seq = oldest; seq <= newest; seq++) {
          let found: unknown
          const error = failure(() => (found = readFrame(ring, new TestLock(), seq)))
          const isReadable = expect.readable_seqs_before_repair.includes(seq)
          if (isReadable) assert.propertyVal(found, "seq", seq)
          else if (error === undefined)
            assert.isDefined(payloadProblem((found as { readonly payload: Uint8Array }).payload))
          else assert.deepStrictEqual({ reason: error.reason, seq: error.seq }, { reason: "Corrupt", seq })
        }
      })

      it("the full check says so, and changes nothing", () => {
        const file = load(name)
        const { finding, hints, issues } = verifyRing(open(file))
        assert.strictEqual(finding, expect.finding)
        assert.strictEqual(issues.length > 0, expect.doctor_must_report_issues, JSON.stringify(issues))
        if (expect.doctor_must_warn_about_index === true)
          assert.isTrue(hints.some((hint) => hint.startsWith("warning: ")))
        assert.deepStrictEqual(file.stores, [])
      })

      it("a writer repairs it, and goes on", () => {
        const file = load(name)
        const before = file.bytes.slice()
        const ring = open(file)
        const writer = new RingWriter(ring)
        const { firstSeq, repaired } = writer.appendAll([], 1, 2, undefined)
        assert.strictEqual(firstSeq, expect.next_append_seq)
        const regrouped = !before.subarray(64, 104).every((byte, at) => byte === file.bytes[64 + at])
        assert.strictEqual(regrouped, expect.writer_must_fix_header_before_append)
        assert.deepStrictEqual(repaired?.restoredOffsets ?? [], expect.frame_states_to_restore_at ?? [])
        const { head, newest, oldest, tail, tailNext } = ring.readGroupUnchecked()
        assert.deepStrictEqual(
          { head_off: head, newest_seq: newest, oldest_seq: oldest, tail_next_off: tailNext, tail_off: tail },
          expect.header_after_fix as never
        )
        assert.deepStrictEqual(readable(file, 5), expect.seqs_after_fix)
        if (expect.finding !== "hole" && expect.finding !== "content") assertSound(file)
        for (let count = 0; count < 120; count++) {
          const appended = writer.appendAll([payloadOf(count, (count * 53) % 700)], 1, 2, undefined)
          assert.strictEqual(appended.firstSeq, expect.next_append_seq + count)
          assert.strictEqual(appended.repaired, undefined)
        }
        assertSound(file)
      })
    })
  }
})
