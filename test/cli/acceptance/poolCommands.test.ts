// Creating, listing, describing and deleting pools.
import * as fs from "node:fs"
import { assert, describe } from "vitest"
import { type Failure, hasColor, oneLine, type PoolInfo, refused, seqs, succeeded } from "../answers.js"
import { row } from "../room.js"

interface Created {
  readonly created: ReadonlyArray<PoolInfo>
}

interface Listed {
  readonly pools: ReadonlyArray<{ readonly name: string; readonly error?: { readonly error: Failure } }>
}

interface Deleted {
  readonly deleted: ReadonlyArray<{ readonly pool: string; readonly path: string }>
  readonly failed: ReadonlyArray<{ readonly pool: string; readonly error: Failure }>
}

describe("pool create", () => {
  for (const [id, era, options] of [
    [152, "seed", []],
    [153, "v0.8", ["--json"]]
  ] as const) {
    row(id, era, `pool create ${options.join(" ")} a`, async ({ run, file }) => {
      const { created } = oneLine<Created>(succeeded(await run(["pool", "create", ...options, "a"])).stdout)
      assert.strictEqual(created.length, 1)
      const [a] = created
      assert.deepEqual([a!.name, a!.path, a!.bounds, a!.file_size], ["a", file("a"), {}, 1_048_576])
      assert.deepEqual([a!.index_capacity, a!.ring_offset, a!.ring_size], [4_096, 69_632, 978_944])
    })
  }

  row(154, "both", "pool create --size 8M a b", async ({ run, file }) => {
    const { created } = oneLine<Created>(succeeded(await run(["pool", "create", "--size", "8M", "a", "b"])).stdout)
    assert.deepEqual(
      created.map(({ name, file_size }) => [name, file_size]),
      [
        ["a", 8_388_608],
        ["b", 8_388_608]
      ]
    )
    for (const name of ["a", "b"]) assert.strictEqual(fs.statSync(file(name)).size, 8_388_608)
  })

  row(155, "both", "pool create a twice", async ({ run, pool, file }) => {
    await pool("a", [{ x: 1 }])
    const before = fs.readFileSync(file("a"))
    const error = refused(await run(["pool", "create", "a"]), "AlreadyExists")
    assert.match(error.path!, /a\.plasmite$/)
    assert.match(error.hint, /different name|remove/)
    assert.isTrue(before.equals(fs.readFileSync(file("a"))))
  })

  row(156, "both", "--size 1M --index-capacity 1024", async ({ run, info }) => {
    succeeded(await run(["pool", "create", "a", "--size", "1M", "--index-capacity", "1024"]))
    const { index_capacity, index_size_bytes } = await info("a")
    assert.deepEqual([index_capacity, index_size_bytes], [1_024, 16_384])
  })

  row(157, "both", "--index-capacity 0", async ({ run, info }) => {
    succeeded(await run(["pool", "create", "a", "--index-capacity", "0"]))
    const { index_capacity, index_size_bytes, ring_offset } = await info("a")
    assert.deepEqual([index_capacity, index_size_bytes, ring_offset], [0, 0, 4_096])
  })

  row(158, "both", "--size 64K --index-capacity 5000", async ({ run, dir }) => {
    const error = refused(await run(["pool", "create", "a", "--size", "64K", "--index-capacity", "5000"]), "Usage")
    assert.include(error.message, "index capacity")
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  row(159, "both", "sizes that are none", async ({ run, dir }) => {
    for (const size of ["1MiB", "2Gi", "x", "1.5M", "8 MB", "", "99999999999999999999G"]) {
      refused(await run(["pool", "create", "a", `--size=${size}`]), "Usage")
    }
    refused(await run(["pool", "create", "a", "--size", "4096"]), "Usage")
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  row(160, "v0.8", "an unwritable directory", async ({ run, dir }) => {
    fs.chmodSync(dir, 0o555)
    const { hint } = refused(await run(["pool", "create", "a"], { unprivileged: true }), "Permission")
    assert.isNotEmpty(hint)
  })
})

describe("pool list", () => {
  row(161, "both", "names in order", async ({ run }) => {
    succeeded(await run(["pool", "create", "beta", "alpha"]))
    for (const options of [[], ["--json"]]) {
      const { pools } = oneLine<Listed>(succeeded(await run(["pool", "list", ...options])).stdout)
      assert.deepEqual(
        pools.map(({ name }) => name),
        ["alpha", "beta"]
      )
    }
  })

  row(162, "both", "beside other files and a damaged pool", async ({ run, pool, dir, file }) => {
    await pool("p")
    fs.writeFileSync(`${dir}/notes.txt`, "hello")
    fs.writeFileSync(file("bad"), "junk")
    const { pools } = oneLine<Listed>(succeeded(await run(["pool", "list"])).stdout)
    assert.deepEqual(
      pools.map(({ name, error }) => [name, error?.error.kind]),
      [
        ["bad", "Corrupt"],
        ["p", undefined]
      ]
    )
  })

  row(163, "both", "a missing directory", async ({ run, dir }) => {
    fs.rmdirSync(dir)
    assert.strictEqual(succeeded(await run(["pool", "list"])).stdout, '{"pools":[]}\n')
    assert.isFalse(fs.existsSync(dir))
  })

  row("13.4", "v0.8", "pool list on a terminal", async ({ run, pool }) => {
    await pool("p", [{}, {}])
    const { stdout } = succeeded(await run(["--color", "never", "pool", "list"], { terminals: ["stdout"] }))
    const [head, first] = stdout.split("\n")
    assert.match(head!, /^NAME +SIZE +MSGS +MODIFIED +PATH$/)
    assert.match(first!, /^p +1M +2 +\S.* +p\.plasmite$/)
  })
})

describe("pool info", () => {
  row(164, "both", "pool info p --json after two appends", async ({ pool, info }) => {
    await pool("p", [{}, {}])
    const { metrics, bounds } = await info("p")
    assert.deepEqual([metrics.message_count, metrics.seq_span, bounds], [2, 2, { oldest: 1, newest: 2 }])
    assert.isAbove(metrics.utilization.used_bytes, 0)
    assert.isAbove(metrics.utilization.free_bytes, 0)
    assert.isNumber(metrics.utilization.used_percent)
    for (const key of ["oldest_time", "newest_time"]) assert.match(String(metrics.age[key]), /Z$/)
    for (const key of ["oldest_age_ms", "newest_age_ms"]) assert.isAtLeast(Number(metrics.age[key]), 0)
  })

  row(165, "both", "pool info p", async ({ run, pool, file }) => {
    await pool("p", [{}])
    const { stdout } = succeeded(await run(["pool", "info", "p"]))
    const lines = stdout.trimEnd().split("\n")
    assert.deepEqual(
      lines.map((line) => line.slice(0, line.indexOf(":"))),
      ["Pool", "Path", "Size", "Bounds", "Utilization", "Oldest", "Newest"]
    )
    assert.deepEqual(lines.slice(0, 4), [
      "Pool: p",
      `Path: ${file("p")}`,
      "Size: 1048576 bytes (index: offset=4096 slots=4096 bytes=65536, ring: offset=69632 size=978944)",
      "Bounds: oldest=1 newest=1 count=1"
    ])
    assert.match(lines[4]!, /^Utilization: used=\d+B free=\d+B \(\d+\.\d\d%\)$/)
    for (const line of lines.slice(5)) assert.match(line, /: \S+Z \(\d+s ago\)$/)
  })

  row("165a", "both", "pool info of an empty pool", async ({ run, pool }) => {
    await pool("p")
    const { stdout } = succeeded(await run(["pool", "info", "p"]))
    assert.include(stdout, "\nBounds: oldest=- newest=- count=0\n")
    assert.include(stdout, "\nOldest: - (-)\n")
  })

  row(166, "v0.8", "pool info p on a terminal, empty pool", async ({ run, pool }) => {
    await pool("p")
    const { stdout } = succeeded(await run(["--color", "never", "pool", "info", "p"], { terminals: ["stdout"] }))
    assert.match(stdout, /messages:\s+empty/)
    assert.match(stdout, /index:\s+4096 slots \(64K\)/)
    assert.match(stdout, /ring:\s+956K/)
    assert.notInclude(stdout, "offset")
  })

  row(167, "v0.8", "pool info channel (missing)", async ({ run }) => {
    const error = refused(await run(["pool", "info", "channel"]), "NotFound")
    assert.strictEqual(error.message, "not found")
    assert.notProperty(error, "path")
    assert.notProperty(error, "causes")
    assert.include(error.hint, "pool create")
    assert.include(error.hint, "--dir")
  })

  row(168, "both", "pool info of a file of four bytes", async ({ run, file }) => {
    fs.writeFileSync(file("bad"), "junk")
    const error = refused(await run(["pool", "info", "bad"]), "Corrupt")
    assert.match(error.path!, /bad\.plasmite$/)
    assert.match(error.hint, /recreate/i)
  })

  row(169, "v0.8", "a file that was cut or emptied", async ({ run, pool, file }) => {
    await pool("p")
    const whole = fs.readFileSync(file("p"))
    for (const bytes of [0, 1, whole.length / 2, whole.length - 128]) {
      fs.writeFileSync(file("p"), whole.subarray(0, bytes))
      refused(await run(["pool", "info", "p"]), "Corrupt")
    }
    fs.writeFileSync(file("p"), Buffer.alloc(4_096))
    refused(await run(["pool", "info", "p"]), "Corrupt")
  })

  row(170, "both", "--color always and never", async ({ run, pool }) => {
    await pool("p")
    const always = succeeded(await run(["--color", "always", "pool", "info", "p", "--json"]))
    assert.include(always.stdout, '\u001b[36m"name"\u001b[0m')
    const never = succeeded(await run(["--color", "never", "pool", "info", "p", "--json"], { terminals: ["stdout"] }))
    assert.isFalse(hasColor(never.stdout))
    const auto = succeeded(await run(["pool", "info", "p", "--json"], { terminals: ["stdout"] }))
    assert.isTrue(hasColor(auto.stdout))
  })
})

describe("pool delete", () => {
  row(171, "both", "pool delete p", async ({ run, pool, file }) => {
    await pool("p")
    const { stdout } = succeeded(await run(["pool", "delete", "p"]))
    assert.deepEqual(oneLine<Deleted>(stdout), { deleted: [{ pool: "p", path: file("p") }], failed: [] })
    assert.isFalse(fs.existsSync(file("p")))
  })

  row(172, "both", "pool delete a missing b", async ({ run, pool, dir }) => {
    await pool("a")
    await pool("b")
    const outcome = await run(["pool", "delete", "a", "missing", "b"])
    assert.deepEqual([outcome.code, outcome.stderr], [3, ""])
    const { deleted, failed } = oneLine<Deleted>(outcome.stdout)
    assert.deepEqual(
      deleted.map(({ pool }) => pool),
      ["a", "b"]
    )
    assert.deepEqual(
      failed.map(({ pool, error }) => [pool, error.kind]),
      [["missing", "NotFound"]]
    )
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  row(173, "both", "pool delete ok http://127.0.0.1:9700/demo", async ({ run, pool, dir }) => {
    await pool("ok")
    const outcome = await run(["pool", "delete", "ok", "http://127.0.0.1:9700/demo"])
    assert.strictEqual(outcome.code, 2)
    const { deleted, failed } = oneLine<Deleted>(outcome.stdout)
    assert.strictEqual(deleted.length, 1)
    assert.deepEqual(
      failed.map(({ pool, error }) => [pool, error.kind]),
      [["http://127.0.0.1:9700/demo", "Usage"]]
    )
    assert.deepEqual(fs.readdirSync(dir), [])
  })

  row(174, "both", "deletion forbidden by directory rights", async ({ run, pool, dir, file }) => {
    await pool("p")
    fs.chmodSync(dir, 0o555)
    const outcome = await run(["pool", "delete", "p"], { unprivileged: true })
    assert.strictEqual(outcome.code, 8)
    assert.strictEqual(oneLine<Deleted>(outcome.stdout).failed[0]?.error.kind, "Io")
    assert.isTrue(fs.existsSync(file("p")))
  })

  row(175, "both", "deleted and created again", async ({ run, pool, fill }) => {
    await pool("p", [{}, {}])
    succeeded(await run(["pool", "delete", "p"]))
    succeeded(await run(["pool", "create", "p"]))
    assert.deepEqual(seqs(`${JSON.stringify((await fill("p", [{}]))[0])}\n`), [1])
  })
})
