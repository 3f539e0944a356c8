// The completion scripts, as far as a shell that is always there can judge them.
import { assert, describe } from "vitest"
import { succeeded } from "../answers.js"
import { shell } from "../harness.js"
import { row } from "../room.js"

describe("completion", () => {
  row(213, "both", "completion bash", async ({ run, home }) => {
    const { stdout, stderr } = succeeded(await run(["completion", "bash"]))
    for (const word of ["_plasmite", "pool", "poke", "peek"]) assert.include(stdout, word)
    assert.strictEqual(stderr, "")
    succeeded(await shell("bash -n", { stdin: stdout, cwd: home }))
    const twice = "set -eu; $PLS completion bash >script; source ./script; source ./script; declare -F _plasmite"
    assert.include(succeeded(await shell(twice, { cwd: home })).stdout, "_plasmite")
  })

  row(214, "both", "completion zsh, completion fish", async ({ run }) => {
    const zsh = succeeded(await run(["completion", "zsh"])).stdout
    assert.match(zsh, /^#compdef/)
    for (const word of ["_plasmite", "pool", "poke", "peek"]) assert.include(zsh, word)
    const fish = succeeded(await run(["completion", "fish"])).stdout
    for (const word of ["complete", "plasmite", "pool", "poke", "peek"]) assert.include(fish, word)
  })
})
