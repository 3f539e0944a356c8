// The seed's examples, run as the shell scripts they are. `jq` is ours, first in the path, so that none is needed.
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { programs, startCommand, finish } from "./harness.js"
import { makeRoom } from "./room.js"

const scripts = path.join(import.meta.dirname, "seed")
const tools = path.join(import.meta.dirname, "bin")
const withinMillis = 60_000

describe("seed examples", () => {
  for (const script of fs.readdirSync(scripts).filter((name) => /^s\d+-.*\.sh$/.test(name))) {
    const number = Number.parseInt(script.slice(1), 10)
    const title = script.replace(/^s\d+-|\.sh$/g, "").replaceAll("-", " ")
    it(
      `18.S${number}: ${title}`,
      async () => {
        const { home } = makeRoom()
        const example = startCommand(["bash", path.join(scripts, script)], {
          cwd: home,
          env: {
            PATH: `${tools}:${process.env["PATH"]}`,
            TMPDIR: home,
            PLS: programs.pls.join(" "),
            PLASMITE: programs.plasmite.join(" ")
          }
        })
        const outcome = await finish(example, withinMillis)
        assert.strictEqual(outcome.code, 0, `${outcome.stdout}${outcome.stderr}`)
      },
      withinMillis
    )
  }
})
