/**
 * A disk that is full, or a process that may not make its files longer: appends fail with `Io`, the pool stays sound,
 * and goes on when there is room. Pools that we made have all their blocks and need no room; those of upstream's
 * programs are sparse files, and theirs is the trouble here.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as path from "node:path"
import { createInterface } from "node:readline"
import { afterAll, assert, describe, it } from "vitest"
import { appendEach, appendOne, createPool, inspect, type PoolUse } from "./inspection.js"
import { readJournal } from "./journal.js"
import { Ledger } from "./ledger.js"
import type { Mixture } from "./messages.js"
import { startChild, temporaryDirectory, within } from "./processes.js"

const kib = 1024
const poolBytes = 512 * kib
const mixture: Mixture = { seed: 28, largestBytes: 20 * kib }
const largestAppendBytes = 25 * kib
const storages = ["mapped", "file"] as const
const useOf = (storage: PoolUse["storage"]): PoolUse => ({ storage, durability: "fast", mixture })

/** A pool as upstream creates one: its length is set, and only its header is written. */
const createSparse = async (use: PoolUse, file: string): Promise<void> => {
  const whole = path.join(temporaryDirectory(), "whole.plasmite")
  await createPool(use, whole, poolBytes)
  const header = fs.readFileSync(whole).subarray(0, 4 * kib)
  const descriptor = fs.openSync(file, "wx")
  fs.ftruncateSync(descriptor, poolBytes)
  fs.writeSync(descriptor, header)
  fs.closeSync(descriptor)
}

/**
 * A small disk of our own, mounted where only one process sees it, and reached through that process; `undefined`
 * where the system does not let us.
 */
const mountSmallDisk = async (): Promise<string | undefined> => {
  const mountPoint = temporaryDirectory()
  const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && echo mounted && read line'
  const asRoot = process.geteuid?.() === 0 ? ["-m"] : ["-r", "-m"]
  const holder = spawn("unshare", [...asRoot, "sh", "-c", script, "sh", mountPoint], {
    stdio: ["pipe", "pipe", "ignore"]
  })
  afterAll(() => void holder.kill("SIGKILL"))
  const answer = await Promise.race([
    once(createInterface({ input: holder.stdout }), "line"),
    once(holder, "exit"),
    once(holder, "error")
  ])
  const disk = `/proc/${holder.pid}/root${mountPoint}`
  return answer[0] === "mounted" && fs.existsSync(disk) ? disk : undefined
}

/** Takes all that is left but so many bytes; gives it back by being removed. */
const fillDisk = (disk: string, spareBytes: number): string => {
  const filler = path.join(disk, "filler")
  const descriptor = fs.openSync(filler, "w")
  const { bavail, bsize } = fs.statfsSync(disk)
  const bytes = Buffer.alloc(bavail * bsize - spareBytes, 1)
  assert.strictEqual(fs.writeSync(descriptor, bytes), bytes.length)
  fs.closeSync(descriptor)
  return filler
}

/** Enough to go round the ring more than once. */
const laps = 300
const originsFrom = (counter: number) =>
  Array.from({ length: laps }, (_, index) => ({ author: 1, counter: counter + index }))

const acknowledged = (seqs: ReadonlyArray<number>, author = 1) =>
  seqs.map((seq, index) => ({ kind: "acknowledged" as const, seq, author, counter: index + 1 }))

const disk = await mountSmallDisk()
if (disk === undefined) console.log("no small disk could be mounted: only the limit of file sizes is tested")
else
  describe("a full disk", () => {
    for (const storage of storages) {
      it(`is Io, and the pool goes on when there is room (${storage})`, async () => {
        const use = useOf(storage)
        const file = path.join(disk, `sparse-${storage}.plasmite`)
        await createSparse(use, file)
        const filler = fillDisk(disk, 100 * kib)
        // A map needs all the room at once; by position it is used up bit by bit.
        const { refusal, seqs } = await appendEach(use, file, originsFrom(1))
        assert.strictEqual(refusal?.reason, "Io")
        assert.include(refusal?.message ?? "", "the disk is full")
        assert.strictEqual(seqs.length > 0, storage === "file")

        const ledger = new Ledger(mixture, largestAppendBytes)
        const full = await inspect(use, file)
        const whileFull = ledger.judge([{ author: 1, records: acknowledged(seqs), unsaid: 0 }], full.content)
        assert.deepEqual([...full.violations, ...whileFull], [])

        fs.rmSync(filler)
        const later = await appendEach(use, file, originsFrom(seqs.length + 1))
        assert.isUndefined(later.refusal)
        const all = [...seqs, ...later.seqs]
        assert.deepEqual(
          all,
          all.map((_, index) => index + 1)
        )
        const { content, violations } = await inspect(use, file)
        const afterwards = ledger.judge([{ author: 1, records: acknowledged(all), unsaid: 0 }], content)
        assert.deepEqual([...violations, ...afterwards], [])
        fs.rmSync(file)
      }, 120_000)

      it(`does not stop a pool that has its blocks, and leaves nothing of one that does not fit (${storage})`, async () => {
        const use = useOf(storage)
        const file = path.join(disk, `whole-${storage}.plasmite`)
        await createPool(use, file, poolBytes)
        const filler = fillDisk(disk, 8 * kib)
        const { refusal, seqs } = await appendEach(use, file, originsFrom(1))
        assert.isUndefined(refusal)
        assert.strictEqual(seqs.at(-1), laps)
        assert.deepEqual((await inspect(use, file)).violations, [])
        const noRoom = await createPool(use, path.join(disk, "more.plasmite"), poolBytes).catch(String)
        assert.include(String(noRoom), "the disk is full")
        assert.sameMembers(fs.readdirSync(disk), [path.basename(filler), path.basename(file)])
        fs.rmSync(filler)
        fs.rmSync(file)
      }, 120_000)
    }
  })

describe("a limit of file sizes", () => {
  it("is Io inside an append, and another process goes on", async () => {
    const use = useOf("file")
    const file = path.join(temporaryDirectory(), "limited.plasmite")
    await createSparse(use, file)
    const journal = `${file}.writer`
    const child = startChild(
      { ...use, part: "write", path: file, author: 2, largestBatch: 1, journal, mayFail: true },
      ["/bin/bash", "-c", 'ulimit -f 200 && exec "$@"', "bash"]
    )
    try {
      assert.strictEqual(await within(30_000, "starting", child.nextLine()), "ready")
      assert.match((await within(30_000, "failing", child.nextLine()))!, /^Io: .*larger than the system allows/)
      assert.strictEqual(await child.ended, 0)
    } finally {
      child.signal("SIGKILL")
    }
    const records = readJournal(journal)
    assert.strictEqual(records.at(-1)!.kind, "failed")
    assert.isAbove(records.length, 3)
    const ledger = new Ledger(mixture, largestAppendBytes)
    const stopped = await inspect(use, file)
    const said = { author: 2, records: records.slice(0, -1), unsaid: 0 }
    assert.deepEqual([...stopped.violations, ...ledger.judge([said], stopped.content)], [])
    assert.strictEqual(await appendOne(use, file, { author: 1, counter: 1 }), records.length)
  }, 120_000)
})
