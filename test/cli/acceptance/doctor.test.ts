// The integrity report: damage is a result, not an error.
import * as fs from "node:fs"
import { assert, describe } from "vitest"
import { type DoctorReport, oneLine, refused, succeeded } from "../answers.js"
import { row } from "../room.js"

const reports = (text: string): ReadonlyArray<DoctorReport> =>
  oneLine<{ reports: ReadonlyArray<DoctorReport> }>(text).reports

describe("doctor", () => {
  for (const [id, era, options] of [
    [176, "seed", []],
    [177, "v0.8", ["--json"]]
  ] as const) {
    row(id, era, `doctor p ${options.join(" ")}`, async ({ run, pool, file }) => {
      await pool("p", [{}, {}])
      const { stdout } = succeeded(await run(["doctor", "p", ...options]))
      assert.deepEqual(reports(stdout), [
        {
          pool_ref: "p",
          path: file("p"),
          status: "ok",
          last_good_seq: 2,
          issue_count: 0,
          issues: [],
          remediation_hints: [],
          snapshot_path: null
        } as DoctorReport
      ])
    })
  }

  row(178, "both", "doctor bad (four bytes)", async ({ run, file }) => {
    fs.writeFileSync(file("bad"), "junk")
    const outcome = await run(["doctor", "bad"])
    assert.deepEqual([outcome.code, outcome.stderr], [7, ""])
    const [report] = reports(outcome.stdout)
    assert.deepEqual([report!.status, report!.last_good_seq, report!.issue_count], ["corrupt", null, 1])
    assert.strictEqual(report!.issues[0]?.code, "corrupt")
  })

  row(179, "both", "doctor --all with one good and one bad pool", async ({ run, pool, file }) => {
    await pool("p")
    fs.writeFileSync(file("bad"), "junk")
    const outcome = await run(["doctor", "--all"])
    assert.strictEqual(outcome.code, 7)
    assert.deepEqual(
      reports(outcome.stdout).map(({ path, status }) => [path, status]),
      [
        [file("bad"), "corrupt"],
        [file("p"), "ok"]
      ]
    )
  })

  row("179a", "both", "doctor --all: empty directory, missing directory", async ({ run, dir }) => {
    assert.strictEqual(succeeded(await run(["doctor", "--all"])).stdout, '{"reports":[]}\n')
    fs.rmdirSync(dir)
    refused(await run(["doctor", "--all"]), "NotFound")
  })

  row(180, "seed", "doctor", async ({ run }) => {
    const error = refused(await run(["doctor"]), "Usage")
    assert.include(error.message, "requires a pool name or --all")
    assert.include(error.hint, "--all")
  })

  row(181, "both", "doctor p --all", async ({ run, pool }) => {
    await pool("p")
    const error = refused(await run(["doctor", "p", "--all"]), "Usage")
    assert.include(error.message, "--all cannot be combined")
    assert.include(error.hint, "Use --all by itself")
  })

  row(182, "both", "doctor missing", async ({ run }) => {
    assert.match(refused(await run(["doctor", "missing"]), "NotFound").path!, /missing\.plasmite$/)
  })

  row(183, "v0.8", "doctor p on a terminal after four appends", async ({ run, pool }) => {
    await pool("p", [{}, {}, {}, {}])
    const { stdout } = succeeded(await run(["--color", "never", "doctor", "p"], { terminals: ["stdout"] }))
    for (const part of ["p: healthy", "4 (seq 1..4)", "0 issues"]) assert.include(stdout, part)
  })

  row(184, "v0.8", "doctor --all on a terminal, two good pools", async ({ run, pool }) => {
    await pool("left", [{}])
    await pool("right", [{}, {}])
    const { stdout } = succeeded(await run(["--color", "never", "doctor", "--all"], { terminals: ["stdout"] }))
    for (const part of ["All 2 pools healthy.", "left", "1 message", "right", "2 messages"])
      assert.include(stdout, part)
    assert.notInclude(stdout, ".plasmite")
  })

  row(185, "both", "after ten times the ring", async ({ run, sized, fill, info }) => {
    await sized("small", "64K")
    await fill(
      "small",
      Array.from({ length: 1_000 }, (_, i) => ({ i, pad: "x".repeat(300 + (i % 7) * 100) }))
    )
    const [report] = reports(succeeded(await run(["doctor", "small"])).stdout)
    assert.deepEqual([report!.status, report!.last_good_seq], ["ok", 1_000])
    assert.isAbove((await info("small")).bounds.oldest!, 900)
  })
})
