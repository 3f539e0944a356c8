// Standard input that somebody made non-blocking: a read that finds nothing is not the end of it.
import koffi from "koffi"
import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "vitest"
import { programs } from "./harness.js"

const fcntl = koffi.load(null).func("int fcntl(int, int, ...)")
const setFlags = 4

describe("a non-blocking standard input", () => {
  it("is read to its end, records acknowledged as they come", async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "plasmite-fifo-"))
    const fifo = path.join(directory, "fifo")
    assert.strictEqual(spawnSync("mkfifo", [fifo]).status, 0)
    const reading = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    const writing = fs.openSync(fifo, fs.constants.O_WRONLY)
    try {
      const [command, ...words] = programs.pls
      const child = spawn(command!, [...words, "--dir", directory, "feed", "p", "--create"], {
        stdio: [reading, "pipe", "inherit"],
        env: { PATH: process.env["PATH"], HOME: directory }
      })
      let output = ""
      child.stdout!.setEncoding("utf8").on("data", (text: string) => (output += text))
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
      for (let count = 1; count <= 3; count++) {
        // Long enough for the program to have asked in vain.
        await sleep(count === 1 ? 600 : 100)
        // Every process that has the same opening of the file sees this; Node clears it when it starts a process.
        assert.strictEqual(fcntl(reading, setFlags, "int", fs.constants.O_NONBLOCK), 0)
        fs.writeSync(writing, `{"n":${count}}\n`)
        const deadline = Date.now() + 10_000
        while (output.split("\n").length <= count && Date.now() < deadline) await sleep(10)
        assert.lengthOf(output.split("\n"), count + 1)
      }
      fs.closeSync(writing)
      assert.strictEqual(await ended, 0)
    } finally {
      fs.closeSync(reading)
      fs.rmSync(directory, { recursive: true })
    }
  })
})
