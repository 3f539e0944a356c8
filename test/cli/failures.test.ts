// What goes wrong in real life: full disks, things in the way, pools that vanish, files from elsewhere. Every command
// must fail in its own words, or go on, but never crash, hang or leave rubbish behind.
import * as fs from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import {
  type DoctorReport,
  failed,
  messages,
  oneLine,
  payloads,
  refused,
  seqs,
  succeeded,
  timedOut
} from "./answers.js"
import { eventually, finish, type Outcome, run, shell } from "./harness.js"
import { makeRoom, type Room } from "./room.js"

const report = (outcome: Outcome): DoctorReport =>
  oneLine<{ reports: ReadonlyArray<DoctorReport> }>(outcome.stdout).reports[0]!

/** The kind that a pool shows in the list of its directory, or `undefined` for a sound one. */
const listedKind = async ({ run }: Room, name: string): Promise<string | undefined> => {
  const outcome = succeeded(await run(["pool", "list"]))
  const { pools } = oneLine<{ pools: Array<{ name: string; error?: { error: { kind: string } } }> }>(outcome.stdout)
  return pools.find((pool) => pool.name === name)!.error?.error.kind
}

/** Every command that opens a pool and must not make anything of this one; `doctor` is asked apart. */
const openingCommands = (name: string): ReadonlyArray<ReadonlyArray<string>> => [
  ["poke", name, "{}"],
  ["poke", name, "{}", "--create"],
  ["peek", name, "--tail", "1", "--timeout", "1s"],
  ["get", name, "1"],
  ["pool", "info", name],
  ["pool", "info", name, "--json"]
]

describe("a directory that cannot be made", () => {
  // What is below /proc is not made by those who ask for it.
  it.skipIf(process.platform !== "linux")("is what --create says, not that --create is missing", async () => {
    for (const command of [
      ["poke", "p", "{}"],
      ["poke", "p"],
      ["peek", "p"]
    ]) {
      const outcome = await run(["--dir", "/proc/none", ...command, "--create"], { stdin: "{}" })
      const error = refused(outcome, "NotFound")
      assert.include(error.message, "pool p cannot be created")
      assert.include(error.hint, "--dir")
      assert.notInclude(error.hint, "--create")
    }
  })
})

describe("a full disk", () => {
  /** No file may grow beyond 100 KiB: the way to a full disk that needs neither rights nor a disk. */
  const onFullDisk = ({ home }: Room, command: string): Promise<Outcome> =>
    shell(`ulimit -f 100; exec $PLS --dir pools ${command}`, { cwd: home })

  for (const command of ["pool create p", "poke p '{}' --create", "peek p --create --timeout 1s"]) {
    it(`${command}: Io, and nothing is left behind`, async () => {
      const room = makeRoom()
      assert.isNotEmpty(refused(await onFullDisk(room, command), "Io").hint)
      assert.deepEqual(fs.readdirSync(room.dir), [])
      succeeded(await room.run(["pool", "create", "p"]))
    })
  }

  it("a pool that exists has all its blocks: appends go on", async () => {
    const room = makeRoom()
    await room.pool("p")
    succeeded(await onFullDisk(room, "poke p '{}'"))
    assert.strictEqual((await room.info("p")).metrics.message_count, 1)
  })

  it("output that cannot be written is Io, not success", async () => {
    const room = makeRoom()
    await room.pool("p", [{}])
    for (const command of ["get p 1", "pool list", "peek p --tail 1 --one"]) {
      const outcome = await shell(`ulimit -f 0; exec $PLS --dir pools ${command} >out`, { cwd: room.home })
      assert.isNotEmpty(failed(outcome, "Io").hint)
    }
  })
})

describe("a directory in the way", () => {
  it("is Io for every command that opens a pool, and stays", async () => {
    const room = makeRoom()
    fs.mkdirSync(room.file("p"))
    fs.writeFileSync(`${room.file("p")}/inside`, "")
    for (const args of [...openingCommands("p"), ["doctor", "p"]]) {
      const { message, hint } = refused(await room.run(args), "Io")
      assert.match(`${message} ${hint}`, /directory/i)
    }
    refused(await room.run(["pool", "create", "p"]), "AlreadyExists")
    assert.strictEqual(await listedKind(room, "p"), "Io")
    assert.strictEqual((await room.run(["pool", "delete", "p"])).code, 8)
    assert.deepEqual(fs.readdirSync(room.file("p")), ["inside"])
  })

  it("a file where the pool directory should be", async () => {
    const { run, dir } = makeRoom()
    fs.rmdirSync(dir)
    fs.writeFileSync(dir, "")
    for (const args of [
      ["pool", "create", "p"],
      ["poke", "p", "{}", "--create"],
      ["pool", "list"]
    ]) {
      refused(await run(args), "Io")
    }
  })
})

describe("a file that is no pool", () => {
  const notPools: ReadonlyArray<readonly [string, Uint8Array]> = [
    ["an empty file", new Uint8Array(0)],
    ["four bytes", Buffer.from("junk")],
    ["a text as long as a pool", Buffer.alloc(1_048_576, "lorem ipsum\n")]
  ]

  for (const [what, bytes] of notPools) {
    it(`${what}: Corrupt everywhere, unchanged`, async () => {
      const room = makeRoom()
      fs.writeFileSync(room.file("p"), bytes)
      for (const args of openingCommands("p")) {
        const error = refused(await room.run(args), "Corrupt")
        assert.match(error.path!, /p\.plasmite$/)
        assert.match(error.hint, /recreate/i)
      }
      const doctor = await room.run(["doctor", "p"])
      assert.deepEqual([doctor.code, doctor.stderr, report(doctor).status], [7, "", "corrupt"])
      assert.strictEqual(await listedKind(room, "p"), "Corrupt")
      refused(await room.run(["pool", "create", "p"]), "AlreadyExists")
      assert.isTrue(fs.readFileSync(room.file("p")).equals(bytes))
      succeeded(await room.run(["pool", "delete", "p"]))
    })
  }
})

describe("a pool from the future", () => {
  it("is refused with both versions named, and unchanged", async () => {
    const room = makeRoom()
    await room.pool("p", [{}])
    const bytes = fs.readFileSync(room.file("p"))
    bytes[4] = 4
    fs.writeFileSync(room.file("p"), bytes)
    for (const args of openingCommands("p")) {
      const { message, hint } = refused(await room.run(args), "Usage")
      assert.match(message, /\b4\b.*\b3\b/)
      assert.isNotEmpty(hint)
    }
    const doctor = await room.run(["doctor", "p"])
    assert.deepEqual([doctor.code, doctor.stderr], [7, ""])
    assert.deepEqual([report(doctor).status, report(doctor).issues[0]?.code], ["corrupt", "format"])
    assert.strictEqual(await listedKind(room, "p"), "Usage")
    assert.isTrue(fs.readFileSync(room.file("p")).equals(bytes))
    succeeded(await room.run(["pool", "delete", "p"]))
  })
})

describe("a pool that vanishes", () => {
  it("a follower of a removed pool prints what came before, and is told", async () => {
    const room = makeRoom()
    await room.pool("p")
    const peek = room.start(["peek", "p", "--jsonl"])
    await peek.waitUntilFollowing(room.file("p"))
    await room.fill("p", [{ n: 1 }])
    await peek.waitForLines(1)
    fs.rmSync(room.file("p"))
    const outcome = await finish(peek)
    assert.match(failed(outcome, "NotFound").path!, /p\.plasmite$/)
    assert.deepEqual(payloads(outcome.stdout), [{ n: 1 }])
  })

  it("a follower never mixes in a new pool of the same name", async () => {
    const room = makeRoom()
    await room.pool("p")
    const peek = room.start(["peek", "p", "--jsonl"])
    await peek.waitUntilFollowing(room.file("p"))
    await room.fill("p", [{ pool: "old" }])
    await peek.waitForLines(1)
    // Replaced in one step: there is no moment without a pool of this name.
    await room.pool("new", [{ pool: "new" }])
    fs.renameSync(room.file("new"), room.file("p"))
    await room.fill("p", [{ pool: "new" }, { pool: "new" }])
    const outcome = await finish(peek)
    failed(outcome, "NotFound")
    assert.deepEqual(payloads(outcome.stdout), [{ pool: "old" }])
  })

  it("a writer of a removed pool is told, instead of writing where nobody reads", async () => {
    const room = makeRoom()
    await room.pool("p")
    const poke = room.start(["poke", "p"], { stdin: "open" })
    poke.write('{"n":1}\n')
    await poke.waitForLines(1)
    fs.rmSync(room.file("p"))
    // A writer asks whether its file is still there every few milliseconds, not for each message.
    await sleep(50)
    poke.end('{"n":2}\n')
    const outcome = await finish(poke)
    failed(outcome, "NotFound")
    assert.deepEqual(seqs(outcome.stdout), [1])
  })

  it("a pool that is replaced under a writer stays as it is", async () => {
    const room = makeRoom()
    await room.pool("p")
    const poke = room.start(["poke", "p"], { stdin: "open" })
    poke.write('{"n":1}\n')
    await poke.waitForLines(1)
    succeeded(await room.run(["pool", "delete", "p"]))
    succeeded(await room.run(["pool", "create", "p"]))
    poke.end('{"n":2}\n')
    failed(await finish(poke), "NotFound")
    assert.strictEqual((await room.info("p")).metrics.message_count, 0)
  })
})

describe("a pool that may only be read", () => {
  it("can be read by every reading command, and poke is Permission", async () => {
    const room = makeRoom()
    await room.pool("p", [{ x: 1 }])
    fs.chmodSync(room.file("p"), 0o444)
    fs.chmodSync(room.dir, 0o555)
    const launch = { unprivileged: true } as const
    const before = fs.readFileSync(room.file("p"))
    assert.deepEqual(payloads(succeeded(await room.run(["get", "p", "1"], launch)).stdout), [{ x: 1 }])
    const peeked = await room.run(["peek", "p", "--tail", "1", "--one", "--jsonl"], launch)
    assert.deepEqual(payloads(succeeded(peeked).stdout), [{ x: 1 }])
    timedOut(await room.run(["peek", "p", "--timeout", "200ms"], launch))
    succeeded(await room.run(["pool", "info", "p"], launch))
    assert.strictEqual(report(succeeded(await room.run(["doctor", "p"], launch))).status, "ok")
    succeeded(await room.run(["pool", "list"], launch))
    assert.match(refused(await room.run(["poke", "p", "{}"], launch), "Permission").path!, /p\.plasmite$/)
    assert.isTrue(before.equals(fs.readFileSync(room.file("p"))))
  })

  it("follows what others append", async () => {
    const room = makeRoom()
    await room.pool("p")
    fs.chmodSync(room.file("p"), 0o644)
    const peek = room.start(["peek", "p", "--one", "--jsonl"], { unprivileged: true })
    await peek.waitUntilFollowing(room.file("p"))
    await room.fill("p", [{ x: 1 }])
    assert.deepEqual(payloads(succeeded(await finish(peek)).stdout), [{ x: 1 }])
  })

  it("one that may not even be read is Permission", async () => {
    const room = makeRoom()
    await room.pool("p", [{}])
    fs.chmodSync(room.file("p"), 0o000)
    for (const args of openingCommands("p")) {
      assert.isNotEmpty(refused(await room.run(args, { unprivileged: true }), "Permission").hint)
    }
  })
})

describe("a killed process", () => {
  it("leaves a sound pool, acknowledged messages and a free lock", async () => {
    const room = makeRoom()
    await room.pool("p")
    const records = room.write("records", '{"k":"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"}\n'.repeat(500_000))
    const stdoutFile = `${room.home}/receipts.jsonl`
    const poke = room.start(["poke", "p"], { stdinFile: records, stdoutFile })
    const acknowledged = (): Array<string> => fs.readFileSync(stdoutFile, "utf8").split("\n").slice(0, -1)
    await eventually("many receipts", () => acknowledged().length > 1_000)
    poke.kill("SIGKILL")
    assert.strictEqual((await finish(poke)).signal, "SIGKILL")

    const lastSeq = messages(`${acknowledged().at(-1)}\n`)[0]!.seq
    const doctor = succeeded(await room.run(["doctor", "p"]))
    assert.isAtLeast(report(doctor).last_good_seq!, lastSeq)
    const [next] = await room.fill("p", [{ after: true }])
    assert.isAbove(next!.seq, lastSeq)
    assert.deepEqual(payloads(succeeded(await room.run(["get", "p", String(lastSeq)])).stdout), [
      { k: "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv" }
    ])
  })
})
