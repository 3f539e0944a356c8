// One message by its number.
import { assert, describe } from "vitest"
import { type Message, oneLine, refused, succeeded } from "../answers.js"
import { row, spelledRow } from "../room.js"

describe("get", () => {
  spelledRow(147, "both", "get p 1", async ({ run, pool }, say) => {
    const [receipt] = await pool("p", [{ x: 1 }], ["a"])
    const { stdout } = succeeded(await run([say.get, "p", "1"]))
    assert.deepEqual(oneLine<Message>(stdout), receipt!)
    assert.strictEqual(stdout, `${JSON.stringify(receipt)}\n`)
  })

  spelledRow(148, "both", "get p 999", async ({ run, pool }, say) => {
    await pool("p", [{}])
    const error = refused(await run([say.get, "p", "999"]), "NotFound")
    assert.strictEqual(error.seq, 999)
    assert.include(error.hint, "pool info")
    assert.include(error.hint, say.peek)
  })

  spelledRow(149, "both", "get p 1 of an empty pool, get p 0", async ({ run, pool, fill }, say) => {
    await pool("p")
    refused(await run([say.get, "p", "1"]), "NotFound")
    await fill("p", [{}])
    refused(await run([say.get, "p", "0"]), "NotFound")
    refused(await run([say.get, "p", "18446744073709551615"]), "NotFound")
  })

  spelledRow(150, "both", "message 1 has been overwritten", async ({ run, sized, fill }, say) => {
    await sized("small", "64K")
    await fill(
      "small",
      Array.from({ length: 200 }, () => ({ pad: "x".repeat(1_000) }))
    )
    assert.strictEqual(refused(await run([say.get, "small", "1"]), "NotFound").seq, 1)
    assert.strictEqual(oneLine<Message>(succeeded(await run([say.get, "small", "200"])).stdout).seq, 200)
  })

  spelledRow(151, "both", "get missing 1", async ({ run }, say) => {
    const { hint } = refused(await run([say.get, "missing", "1"]), "NotFound")
    assert.include(hint, "pool create")
    assert.include(hint, "--dir")
  })

  row("8.3", "ours", "--data-only, and pretty on a terminal", async ({ run, pool }) => {
    await pool("p", [{ x: 1 }])
    assert.strictEqual(succeeded(await run(["get", "p", "1", "--data-only"])).stdout, '{"x":1}\n')
    const { stdout } = succeeded(await run(["--color", "never", "get", "p", "1"], { terminals: ["stdout"] }))
    assert.strictEqual(stdout, `${JSON.stringify(JSON.parse(stdout), null, 2)}\n`)
  })
})
