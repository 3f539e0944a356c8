// The results of the commands about pools: JSON byte for byte, and the layouts that people see.
import { assert, describe, it } from "@effect/vitest"
import { doctorAllText, doctorLines, doctorText } from "../../cli/output/doctorText.js"
import { prettyJson } from "../../cli/output/jsonText.js"
import { createJson, deleteJson, doctorJson, infoJson, listJson } from "../../cli/output/poolReports.js"
import type { DoctorReport, InfoReport } from "../../cli/output/poolReports.js"
import {
  createTable,
  createText,
  deleteTable,
  deleteText,
  infoBlock,
  infoLines,
  listTable,
  listText
} from "../../cli/output/poolText.js"
import { PoolError } from "../../src/PoolError.js"
import type { PoolInfo, PoolListing } from "../../src/PoolInfo.js"

const places = { poolDirectory: "/home/ana/pools", currentDirectory: "/here", homeDirectory: "/home/ana" }
const plain = { color: false }
const lines = (...text: ReadonlyArray<string>): string => text.join("\n")

const orders: PoolInfo = {
  name: "orders",
  path: "/home/ana/pools/orders.plasmite",
  fileSize: 262_144,
  indexOffset: 4096,
  indexCapacity: 1024,
  ringOffset: 20_480,
  ringSize: 241_664,
  bounds: { oldest: 17, newest: 19 },
  metrics: {
    messageCount: 3,
    usedBytes: 30_208,
    freeBytes: 211_456,
    usedPercent: 12.5,
    oldestTime: "2026-03-04T09:15:30.5Z",
    newestTime: "2026-03-04T09:16:27.000000042Z",
    oldestAgeMillis: 61_500,
    newestAgeMillis: 5000
  }
}

const empty: PoolInfo = {
  ...orders,
  bounds: {},
  metrics: {
    messageCount: 0,
    usedBytes: 0,
    freeBytes: 241_664,
    usedPercent: 0,
    oldestTime: null,
    newestTime: null,
    oldestAgeMillis: null,
    newestAgeMillis: null
  }
}

const demo: PoolInfo = {
  ...empty,
  name: "demo",
  path: "/home/ana/pools/demo.plasmite",
  fileSize: 1_048_576,
  indexCapacity: 4096,
  ringOffset: 69_632,
  ringSize: 978_944
}

const withoutMetrics: InfoReport = {
  name: orders.name,
  path: orders.path,
  fileSize: orders.fileSize,
  indexOffset: orders.indexOffset,
  indexCapacity: 0,
  ringOffset: 4096,
  ringSize: 258_048,
  bounds: orders.bounds
}

const corrupt = new PoolError({
  reason: "Corrupt",
  message: "pool header is not valid",
  hint: "Recreate it.",
  path: "/home/ana/pools/bad.plasmite"
})
const notFound = new PoolError({
  reason: "NotFound",
  message: "pool not found",
  hint: "List pools.",
  path: "/home/ana/pools/nope.plasmite"
})

describe("pool info", () => {
  it("as JSON", () => {
    assert.strictEqual(
      infoJson(orders),
      '{"name":"orders","path":"/home/ana/pools/orders.plasmite","file_size":262144,"index_offset":4096,"index_capacity":1024,"index_size_bytes":16384,"ring_offset":20480,"ring_size":241664,"bounds":{"oldest":17,"newest":19},"metrics":{"message_count":3,"seq_span":3,"utilization":{"used_bytes":30208,"free_bytes":211456,"used_percent":12.5},"age":{"oldest_time":"2026-03-04T09:15:30.5Z","newest_time":"2026-03-04T09:16:27.000000042Z","oldest_age_ms":61500,"newest_age_ms":5000}}}'
    )
    assert.notInclude(infoJson(withoutMetrics), "metrics")
    assert.strictEqual(prettyJson(infoJson(orders)), JSON.stringify(JSON.parse(infoJson(orders)), null, 2))
  })

  it("as lines", () => {
    assert.strictEqual(
      infoLines(orders),
      lines(
        "Pool: orders",
        "Path: /home/ana/pools/orders.plasmite",
        "Size: 262144 bytes (index: offset=4096 slots=1024 bytes=16384, ring: offset=20480 size=241664)",
        "Bounds: oldest=17 newest=19 count=3",
        "Utilization: used=30208B free=211456B (12.50%)",
        "Oldest: 2026-03-04T09:15:30.5Z (1m ago)",
        "Newest: 2026-03-04T09:16:27.000000042Z (5s ago)"
      )
    )
  })

  it("as lines, of an empty pool and without metrics", () => {
    assert.include(infoLines(empty), "\nBounds: oldest=- newest=- count=0\n")
    assert.include(infoLines(empty), "\nOldest: - (-)\nNewest: - (-)")
    assert.match(infoLines(withoutMetrics), /\nBounds: oldest=17 newest=19 count=3$/)
  })

  it("as a block", () => {
    assert.strictEqual(
      infoBlock(orders, places),
      lines(
        "orders",
        "  path:     orders.plasmite",
        "  size:     256K (29.5K used, 12.50%)",
        "  messages: 3 (seq 17..19)",
        "  oldest:   1m ago (2026-03-04T09:15:30Z)",
        "  newest:   5s ago (2026-03-04T09:16:27Z)",
        "  index:    1024 slots (16K)",
        "  ring:     236K"
      )
    )
  })

  it("as a block, of an empty pool and without metrics", () => {
    assert.strictEqual(
      infoBlock(demo, places),
      lines(
        "demo",
        "  path:     demo.plasmite",
        "  size:     1M (0 used, 0.00%)",
        "  messages: empty",
        "  oldest:   —",
        "  newest:   —",
        "  index:    4096 slots (64K)",
        "  ring:     956K"
      )
    )
    assert.include(infoBlock(withoutMetrics, places), "\n  size:     256K\n  messages: 3 (seq 17..19)\n  oldest:   —\n")
    assert.include(infoBlock(withoutMetrics, places), "\n  index:    none\n")
  })
})

describe("pool create", () => {
  it("as JSON", () => {
    assert.strictEqual(
      createJson([empty]),
      '{"created":[{"name":"orders","path":"/home/ana/pools/orders.plasmite","file_size":262144,"index_offset":4096,"index_capacity":1024,"index_size_bytes":16384,"ring_offset":20480,"ring_size":241664,"bounds":{},"metrics":{"message_count":0,"seq_span":0,"utilization":{"used_bytes":0,"free_bytes":241664,"used_percent":0},"age":{"oldest_time":null,"newest_time":null,"oldest_age_ms":null,"newest_age_ms":null}}}]}'
    )
  })

  it("for people", () => {
    assert.strictEqual(
      createText([demo], places),
      lines("Created demo (1M, 4096 index slots)", "  path: demo.plasmite")
    )
    const elsewhere = { ...demo, name: "./b", path: "/here/b" }
    assert.strictEqual(
      createText([demo, elsewhere], places),
      lines("Created 2 pools (1M, 4096 index slots each)", "  - demo (demo.plasmite)", "  - ./b (/here/b)")
    )
  })

  it("as a table", () => {
    assert.strictEqual(
      createTable([demo, orders], places),
      lines(
        "NAME    SIZE     INDEX  PATH",
        "demo    1048576  4096   demo.plasmite",
        "orders  262144   1024   orders.plasmite"
      )
    )
  })
})

describe("pool list", () => {
  const modifiedMillis = Date.UTC(2026, 2, 4, 9, 16, 27)
  const readable: PoolListing = {
    _tag: "Readable",
    name: "orders",
    path: "/home/ana/pools/orders.plasmite",
    fileSize: 262_144,
    bounds: { oldest: 17, newest: 19 },
    modifiedMillis,
    info: orders
  }
  const fresh: PoolListing = {
    ...readable,
    name: "demo",
    path: "/home/ana/pools/demo.plasmite",
    bounds: {},
    modifiedMillis: modifiedMillis + 250,
    info: demo
  }
  const bad: PoolListing = { _tag: "Unreadable", name: "bad", path: corrupt.path!, error: corrupt }
  const now = modifiedMillis + 125_000

  it("as JSON, with a complete envelope for what cannot be read", () => {
    assert.strictEqual(
      listJson([readable, bad]),
      '{"pools":[{"name":"bad","path":"/home/ana/pools/bad.plasmite","error":{"error":{"kind":"Corrupt","message":"pool header is not valid","hint":"Recreate it.","path":"/home/ana/pools/bad.plasmite"}}},{"name":"orders","path":"/home/ana/pools/orders.plasmite","file_size":262144,"bounds":{"oldest":17,"newest":19},"mtime":"2026-03-04T09:16:27Z"}]}'
    )
    assert.strictEqual(listJson([]), '{"pools":[]}')
  })

  it("sorted by the bytes of the name", () => {
    const names = ["b", "\u{1f600}", "\uffee", "B", "a", "ab"]
    const listed = JSON.parse(listJson(names.map((name) => ({ ...readable, name })))) as {
      pools: ReadonlyArray<{ name: string }>
    }
    assert.deepStrictEqual(
      listed.pools.map(({ name }) => name),
      ["B", "a", "ab", "b", "\uffee", "\u{1f600}"]
    )
  })

  it("for people", () => {
    assert.strictEqual(
      listText([readable, fresh], places, now, plain),
      lines(
        "NAME    SIZE  MSGS  MODIFIED  PATH",
        "demo    256K  0     2m ago    demo.plasmite",
        "orders  256K  3     2m ago    orders.plasmite"
      )
    )
    assert.strictEqual(
      listText([], places, now, plain),
      "No pools in ~/pools/. Create one with `plasmite pool create NAME`."
    )
  })

  it("for people, with damage", () => {
    assert.strictEqual(
      listText([readable, bad, fresh], places, now, plain),
      lines(
        "NAME    STATUS  SIZE  OLDEST  NEWEST  MTIME                 PATH             DETAIL",
        "bad     ERR     -     -       -       -                     bad.plasmite     pool header is not valid",
        "demo    OK      256K  -       -       2026-03-04T09:16:27Z  demo.plasmite    -",
        "orders  OK      256K  17      19      2026-03-04T09:16:27Z  orders.plasmite  -"
      )
    )
  })

  it("as a table with exact figures", () => {
    assert.strictEqual(
      listTable([readable, fresh], places),
      lines(
        "NAME    STATUS  SIZE    OLDEST  NEWEST  MTIME                    PATH             DETAIL",
        "demo    OK      262144  -       -       2026-03-04T09:16:27.25Z  demo.plasmite    -",
        "orders  OK      262144  17      19      2026-03-04T09:16:27Z     orders.plasmite  -"
      )
    )
    assert.strictEqual(listTable([], places), "NAME  STATUS  SIZE  OLDEST  NEWEST  MTIME  PATH  DETAIL")
  })
})

describe("pool delete", () => {
  const deleted = { pool: "a", path: "/home/ana/pools/a.plasmite" }
  const missing = { pool: "nope", error: notFound }
  const refused = { pool: "b", error: new PoolError({ reason: "Io", message: "permission denied" }) }

  it("as JSON, in the order of the arguments", () => {
    assert.strictEqual(
      deleteJson([deleted, missing]),
      '{"deleted":[{"pool":"a","path":"/home/ana/pools/a.plasmite"}],"failed":[{"pool":"nope","error":{"kind":"NotFound","message":"pool not found","hint":"List pools.","path":"/home/ana/pools/nope.plasmite"}}]}'
    )
    assert.strictEqual(deleteJson([]), '{"deleted":[],"failed":[]}')
  })

  it("of one name: a sentence", () => {
    assert.strictEqual(deleteText([deleted], places), "Deleted a.")
    assert.strictEqual(
      deleteText([missing], places),
      "Pool nope was not found in ~/pools/. List pools with `plasmite pool list`."
    )
    assert.strictEqual(deleteText([refused], places), "Could not delete b: permission denied")
  })

  it("of several names: a list", () => {
    assert.strictEqual(
      deleteText([deleted, missing, refused], places),
      lines(
        "Deleted 1 of 3 pools.",
        "  ✓ a",
        "  ✗ nope: pool not found",
        "  ✗ b: permission denied",
        "Pool directory: ~/pools/"
      )
    )
  })

  it("as a table", () => {
    assert.strictEqual(
      deleteTable([deleted, missing, refused], places),
      lines(
        "NAME  STATUS  PATH           DETAIL",
        "a     OK      a.plasmite     -",
        "nope  ERR     nope.plasmite  pool not found",
        "b     ERR     -              permission denied"
      )
    )
  })
})

describe("doctor", () => {
  const healthy: DoctorReport = {
    poolRef: "demo",
    name: "demo",
    path: "/home/ana/pools/demo.plasmite",
    status: "ok",
    lastGoodSeq: 19,
    messageCount: 3,
    issues: [],
    hints: []
  }
  const broken: DoctorReport = {
    poolRef: "bad",
    name: "bad",
    path: "/home/ana/pools/bad.plasmite",
    status: "corrupt",
    lastGoodSeq: null,
    messageCount: 0,
    issues: [{ code: "corrupt", message: "header magic mismatch", seq: null, offset: null }],
    hints: ["Recreate the pool."]
  }

  it("as JSON", () => {
    assert.strictEqual(
      doctorJson([healthy]),
      '{"reports":[{"pool_ref":"demo","path":"/home/ana/pools/demo.plasmite","status":"ok","last_good_seq":19,"issue_count":0,"issues":[],"remediation_hints":[],"snapshot_path":null}]}'
    )
    assert.strictEqual(
      doctorJson([broken]),
      '{"reports":[{"pool_ref":"bad","path":"/home/ana/pools/bad.plasmite","status":"corrupt","last_good_seq":null,"issue_count":1,"issues":[{"code":"corrupt","message":"header magic mismatch","seq":null,"offset":null}],"remediation_hints":["Recreate the pool."],"snapshot_path":null}]}'
    )
    assert.strictEqual(doctorJson([]), '{"reports":[]}')
  })

  it("of one pool, for people", () => {
    assert.strictEqual(
      doctorText(healthy),
      lines("demo: healthy", "  messages: 3 (seq 17..19)", "  checked:  header, index, ring; 0 issues")
    )
    assert.strictEqual(
      doctorText(broken),
      lines(
        "bad: corrupt",
        "  messages: empty",
        "  checked:  header, index, ring; 1 issue",
        "  detail:   header magic mismatch",
        "  hint:     Recreate the pool."
      )
    )
  })

  const repaired: DoctorReport = {
    ...healthy,
    repaired: {
      changes: ["the oldest messages were damaged; the pool now holds messages 17 to 19"],
      kept: { oldest: 17, newest: 19, count: 3 },
      lost: [
        { from: 3, to: 15 },
        { from: 16, to: 16 }
      ],
      backupPath: "/home/ana/pools/demo.plasmite.backup-1"
    }
  }

  it("after a repair, as JSON", () => {
    assert.include(
      doctorJson([repaired]),
      '"snapshot_path":null,"repaired":{"kept":{"oldest":17,"newest":19,"count":3},"lost":[{"from":3,"to":15},{"from":16,"to":16}],"changes":["the oldest messages were damaged; the pool now holds messages 17 to 19"],"backup_path":"/home/ana/pools/demo.plasmite.backup-1"}}'
    )
    assert.include(doctorJson([{ ...healthy, repaired: null }]), '"snapshot_path":null,"repaired":null}')
    assert.notInclude(doctorJson([healthy]), "repaired")
  })

  it("after a repair, for people and in a pipe", () => {
    assert.strictEqual(
      doctorText(repaired),
      lines(
        "demo: healthy",
        "  messages: 3 (seq 17..19)",
        "  checked:  header, index, ring; 0 issues",
        "  repaired: the oldest messages were damaged; the pool now holds messages 17 to 19",
        "  kept:     3 (seq 17..19)",
        "  lost:     seq 3..15, 16",
        "  backup:   /home/ana/pools/demo.plasmite.backup-1"
      )
    )
    assert.strictEqual(
      doctorLines([repaired]),
      "OK: demo repaired kept=3 lost=3..15,16..16 backup=/home/ana/pools/demo.plasmite.backup-1"
    )
    assert.strictEqual(
      doctorAllText([{ ...broken, repaired: null }, repaired]),
      lines(
        "1 of 2 pools unhealthy.",
        "  bad   0 messages  1 issue   see `plasmite doctor bad`",
        "  demo  3 messages  0 issues  repaired, backup: /home/ana/pools/demo.plasmite.backup-1"
      )
    )
  })

  it("of all pools, for people", () => {
    const other: DoctorReport = {
      ...healthy,
      poolRef: "/home/ana/pools/orders.plasmite",
      name: "orders",
      messageCount: 11
    }
    assert.strictEqual(
      doctorAllText([healthy, other]),
      lines("All 2 pools healthy.", "  demo    3 messages   0 issues", "  orders  11 messages  0 issues")
    )
    assert.strictEqual(
      doctorAllText([broken, healthy]),
      lines(
        "1 of 2 pools unhealthy.",
        "  bad   0 messages  1 issue   see `plasmite doctor bad`",
        "  demo  3 messages  0 issues"
      )
    )
    assert.strictEqual(doctorAllText([healthy]), lines("1 pool healthy.", "  demo  3 messages  0 issues"))
    assert.strictEqual(doctorAllText([]), "No pools found.")
  })

  it("in a pipe", () => {
    assert.strictEqual(
      doctorLines([{ ...broken, lastGoodSeq: 7 }, broken, healthy]),
      lines(
        "CORRUPT: bad last_good_seq=7 issue=header magic mismatch",
        "CORRUPT: bad last_good_seq=- issue=header magic mismatch",
        "OK: demo"
      )
    )
    assert.strictEqual(doctorLines([]), "No pools found.")
  })
})
