// `doctor --repair` as a person runs it: real processes on copies of every damaged pool there is a specimen of.
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { mendable, nameOf, specimens, staysByDefault, survivors } from "../contract/poolsRepairContract.js"
import { type DoctorReport, oneLine, refused, seqs, succeeded } from "./answers.js"
import type { Outcome } from "./harness.js"
import { makeRoom, type Room } from "./room.js"

interface RepairedReport extends DoctorReport {
  readonly repaired?: {
    readonly kept: { readonly oldest: number | null; readonly newest: number | null; readonly count: number }
    readonly lost: ReadonlyArray<{ readonly from: number; readonly to: number }>
    readonly changes: ReadonlyArray<string>
    readonly backup_path: string | null
  } | null
}

const golden = path.resolve(import.meta.dirname, "../golden/pools")

const reports = ({ stdout }: Outcome): ReadonlyArray<RepairedReport> =>
  oneLine<{ reports: ReadonlyArray<RepairedReport> }>(stdout).reports

const only = (outcome: Outcome): RepairedReport => {
  const all = reports(outcome)
  assert.strictEqual(all.length, 1)
  return all[0]!
}

const original = (pool: string): Buffer => fs.readFileSync(`${golden}/corrupt/${pool}.plasmite`)

const put = (room: Room, pool: string): void => fs.writeFileSync(room.file(pool), original(pool))

const backups = (room: Room): Array<string> => fs.readdirSync(room.dir).filter((name) => name.includes(".backup-"))

describe("doctor --all --repair", () => {
  it("repairs what can be repaired, leaves the rest, and says which is which", async () => {
    const room = makeRoom()
    for (const specimen of specimens) put(room, nameOf(specimen))
    fs.copyFileSync(`${golden}/many-small.plasmite`, room.file("many-small"))

    const outcome = await room.run(["doctor", "--all", "--repair"])
    assert.deepEqual([outcome.code, outcome.stderr], [7, ""])
    const answers = new Map(reports(outcome).map((report) => [path.basename(report.path, ".plasmite"), report]))
    assert.strictEqual(answers.size, specimens.length + 1)
    const after = await room.run(["doctor", "--all"])
    assert.strictEqual(after.code, 7)
    const healthyNow = new Set(
      reports(after).flatMap(({ path: file, status }) => (status === "ok" ? [path.basename(file, ".plasmite")] : []))
    )

    for (const specimen of specimens) {
      const pool = nameOf(specimen)
      const { repaired } = answers.get(pool)!
      const bytes = fs.readFileSync(room.file(pool))
      const expected = survivors(specimen)
      const touched = specimen.expect.doctor_must_report_issues && expected !== undefined && !staysByDefault(specimen)
      assert.strictEqual(healthyNow.has(pool), touched || !specimen.expect.doctor_must_report_issues, pool)
      if (touched) {
        assert.strictEqual(repaired!.kept.count, expected.length, pool)
        assert.strictEqual(repaired!.backup_path, `${room.file(pool)}.backup-1`)
        assert.isTrue(fs.readFileSync(repaired!.backup_path!).equals(original(pool)), pool)
        assert.isNotEmpty(repaired!.changes)
      } else {
        assert.isNull(repaired, pool)
        assert.isTrue(bytes.equals(original(pool)), `${pool} is as it was`)
        assert.isFalse(fs.existsSync(`${room.file(pool)}.backup-1`))
      }
    }
    const untouched = fs.readFileSync(room.file("many-small"))
    assert.isTrue(untouched.equals(fs.readFileSync(`${golden}/many-small.plasmite`)))
  })
})

describe("doctor POOL --repair", () => {
  for (const pool of ["zeroed-tail-page", "killed-in-payload", "head-out-of-range", "bad-magic"]) {
    it(`${pool}: exit 0, then every command works`, async () => {
      const room = makeRoom()
      put(room, pool)
      const specimen = specimens.find((one) => nameOf(one) === pool)!
      const before = await room.run(["doctor", pool])
      assert.strictEqual(before.code, 7)
      assert.include(only(before).remediation_hints.join("\n"), `pls doctor ${pool} --repair`)
      assert.notProperty(only(before), "repaired")
      assert.isTrue(fs.readFileSync(room.file(pool)).equals(original(pool)), "a check changes nothing")

      const { repaired, status } = only(succeeded(await room.run(["doctor", pool, "--repair"])))
      const expected = survivors(specimen)!
      assert.deepEqual(
        [status, repaired!.kept],
        ["ok", { oldest: expected[0]!, newest: expected.at(-1)!, count: expected.length }]
      )
      const peeked = await room.run(["peek", pool, "--tail", "1000", "--replay", "0", "--jsonl"])
      assert.deepEqual(seqs(succeeded(peeked).stdout), expected)
      const [receipt] = await room.fill(pool, [{ after: "repair" }])
      assert.strictEqual(receipt!.seq, expected.at(-1)! + 1)
      assert.isNull(only(succeeded(await room.run(["doctor", pool, "--repair"]))).repaired)
      assert.deepEqual(backups(room), [`${pool}.plasmite.backup-1`])
    })
  }

  it("damage in the middle: exit 7 and nothing changed, until told to drop it", async () => {
    const room = makeRoom()
    put(room, "middle-frame-bad-magic")
    const kept = await room.run(["doctor", "middle-frame-bad-magic", "--repair"])
    assert.strictEqual(kept.code, 7)
    assert.isNull(only(kept).repaired)
    assert.include(only(kept).remediation_hints.join("\n"), "--repair --drop-damaged")
    assert.deepEqual(backups(room), [])
    const dropped = only(succeeded(await room.run(["doctor", "middle-frame-bad-magic", "--repair", "--drop-damaged"])))
    assert.deepEqual(dropped.repaired!.kept, { oldest: 5, newest: 8, count: 4 })
    assert.deepEqual(dropped.repaired!.lost, [{ from: 1, to: 4 }])
    succeeded(await room.run(["doctor", "middle-frame-bad-magic"]))
  })

  it("--no-backup makes no copy; without --repair it is Usage", async () => {
    const room = makeRoom()
    put(room, "tail-mid-frame")
    for (const option of ["--no-backup", "--drop-damaged"]) {
      const error = refused(await room.run(["doctor", "tail-mid-frame", option]), "Usage")
      assert.include(error.message, `${option} requires --repair`)
    }
    assert.isTrue(fs.readFileSync(room.file("tail-mid-frame")).equals(original("tail-mid-frame")))
    const { repaired } = only(succeeded(await room.run(["doctor", "tail-mid-frame", "--repair", "--no-backup"])))
    assert.isNull(repaired!.backup_path)
    assert.deepEqual(backups(room), [])
  })

  it("beyond repair: exit 7, nothing changed, and no advice that does not help", async () => {
    const room = makeRoom()
    put(room, "truncated")
    const outcome = await room.run(["doctor", "truncated", "--repair"])
    assert.strictEqual(outcome.code, 7)
    assert.isNull(only(outcome).repaired)
    assert.notInclude(only(outcome).remediation_hints.join("\n"), "--repair")
    assert.isTrue(fs.readFileSync(room.file("truncated")).equals(original("truncated")))
    refused(await room.run(["doctor", "missing", "--repair"]), "NotFound")
  })

  it("a pool that may only be read: Permission, and nothing is left behind", async () => {
    const room = makeRoom()
    put(room, "tail-mid-frame")
    fs.chmodSync(room.file("tail-mid-frame"), 0o444)
    fs.chmodSync(room.dir, 0o555)
    const launch = { unprivileged: true }
    refused(await room.run(["doctor", "tail-mid-frame", "--repair"], launch), "Permission")
    assert.deepEqual(fs.readdirSync(room.dir), ["tail-mid-frame.plasmite"])
    assert.isTrue(fs.readFileSync(room.file("tail-mid-frame")).equals(original("tail-mid-frame")))
  })

  it("a copy has the rights of the original, and says so at a terminal", async () => {
    const room = makeRoom()
    put(room, mendable[0]!)
    fs.chmodSync(room.file(mendable[0]!), 0o600)
    const args = ["--color", "never", "doctor", mendable[0]!, "--repair"]
    const { stdout } = succeeded(await room.run(args, { terminals: ["stdout"] }))
    const backup = `${room.file(mendable[0]!)}.backup-1`
    for (const part of [`${mendable[0]!}: healthy`, "repaired:", "kept:", "lost:", backup]) assert.include(stdout, part)
    assert.strictEqual(fs.statSync(backup).mode & 0o777, 0o600)
  })
})

describe("poke after a writer that died", () => {
  it("says once that it repaired the pool, and goes on", async () => {
    const room = makeRoom()
    put(room, "killed-in-payload")
    const first = await room.run(["poke", "killed-in-payload", "{}"])
    assert.strictEqual(first.code, 0, first.stderr)
    const { notice } = oneLine<{ notice: { kind: string; cmd: string; pool: string; message: string } }>(first.stderr)
    assert.deepEqual([notice.kind, notice.cmd, notice.pool], ["repair", "poke", "killed-in-payload"])
    assert.include(notice.message, "died in the middle of an append")
    const second = await room.run(["poke", "killed-in-payload", "{}"])
    assert.deepEqual([second.code, second.stderr], [0, ""])
  })
})
