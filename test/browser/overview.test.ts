// The overview: all pools as they are now, whatever they are called and whatever state they are in.
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, it } from "vitest"
import {
  byId,
  describeInBrowser,
  eventually,
  isLive,
  numbered,
  open,
  pls,
  sharedServer,
  shownSeqs,
  startServer,
  write
} from "./browser.js"

const namesOf = async (server: { readonly url: string }): Promise<Array<string>> => {
  const answer = (await (await fetch(`${server.url}/v0/ui/pools`)).json()) as {
    readonly pools: ReadonlyArray<{ readonly name: string }>
  }
  return answer.pools.map(({ name }) => name)
}

describeInBrowser("the overview", () => {
  it("32: pools with blanks, other alphabets and percent signs open, stream, and come back from their address", async () => {
    const server = await sharedServer()
    const { page } = await open(server, "/ui")
    for (const name of ["two words", "größe-日本", "100%", "50%25", "a?b&c=d#e", "+plus"]) {
      await write(server, name, numbered(1, 2))
      await page.goto("/ui")
      await byId(page, "poolRow").getByText(name, { exact: true }).click()
      await eventually(() => shownSeqs(page), [1, 2])
      await isLive(page)
      assert.strictEqual(await page.getByRole("heading", { level: 1 }).innerText(), name)
      await write(server, name, numbered(3, 3))
      await eventually(() => shownSeqs(page), [1, 2, 3])
      await page.reload()
      await eventually(() => shownSeqs(page), [1, 2, 3])
    }
    assert.include(await namesOf(server), "50%25")
  })

  it("33: rates are those of the writers", async () => {
    const server = await sharedServer()
    await write(server, "steady", numbered(1, 1))
    const { page } = await open(server, "/ui")
    const row = byId(page, "poolRow").filter({ hasText: "steady" })
    await row.waitFor()
    const started = Date.now()
    let written = 1
    for (let beat = 0; beat < 40; beat++) {
      await write(server, "steady", numbered(written + 1, written + 5))
      written += 5
      await new Promise((resolve) => setTimeout(resolve, started + (beat + 1) * 100 - Date.now()))
    }
    const truth = ((written - 1) / (Date.now() - started)) * 1_000
    const seen = Number(await row.locator('[data-field="rate"]').innerText())
    console.log(`    shown ${seen} a second, true ${truth.toFixed(1)}`)
    assert.isAbove(seen, truth * 0.6)
    assert.isBelow(seen, truth * 1.4)
    await eventually(async () => (await row.innerText()).includes("201"), true)
  })

  it("35: a damaged pool is listed with its reason and hides nobody", async () => {
    const server = await startServer()
    await write(server, "healthy", numbered(1, 3))
    fs.writeFileSync(path.join(server.directory, "broken.plasmite"), Buffer.alloc(8_192, 0x55))
    const { page } = await open(server, "/ui")
    await byId(page, "unreadable").waitFor()
    const said = await byId(page, "unreadable").innerText()
    assert.include(said, "broken")
    assert.match(said, /\w+ \w+ \w+/)
    await byId(page, "poolRow").getByText("healthy").click()
    await eventually(() => shownSeqs(page), [1, 2, 3])
  })

  it("explains an empty directory, makes a pool, and deletes one only when its name is typed", async () => {
    const server = await startServer()
    const { page } = await open(server, "/ui", {}, { complaints: [/404/] })
    await byId(page, "emptyOverview").waitFor()
    assert.include(await byId(page, "emptyOverview").innerText(), "pls poke demo --create")
    await byId(page, "emptyOverview").getByRole("button", { name: "Create pool" }).click()
    await byId(page, "createName").fill("made")
    await byId(page, "createSize").fill("2 MiB")
    await byId(page, "createSubmit").click()
    await eventually(() => namesOf(server), ["made"])
    await pls(["poke", "--dir", server.directory, "made", '{"first":true}'])
    await page.goto("/ui/pools/made")
    await eventually(() => shownSeqs(page), [1])
    await page.getByRole("button", { name: "More" }).click()
    await page.getByTestId("delete-open").click()
    assert.isTrue(await byId(page, "deleteConfirm").isDisabled())
    await byId(page, "deleteName").fill("made")
    await byId(page, "deleteConfirm").click()
    await eventually(() => namesOf(server), [])
  })

  it("goes back and forward with the browser, and sorts by the address", async () => {
    const server = await startServer()
    await write(server, "a-few", numbered(1, 2))
    await write(server, "many", numbered(1, 9))
    const { page } = await open(server, "/ui?sort=-messages")
    const order = () =>
      byId(page, "poolRow").evaluateAll((rows) => rows.map((row) => row.textContent?.match(/a-few|many/)?.[0]))
    await eventually(order, ["many", "a-few"])
    await byId(page, "poolLink").filter({ hasText: "a-few" }).click()
    await eventually(() => shownSeqs(page), [1, 2])
    await page.keyboard.press("]")
    await eventually(async () => (await shownSeqs(page)).length, 9)
    await page.goBack()
    await eventually(() => shownSeqs(page), [1, 2])
    await page.goBack()
    await eventually(order, ["many", "a-few"])
    await page.goForward()
    await eventually(() => shownSeqs(page), [1, 2])
  })
})
