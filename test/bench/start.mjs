// Start-up of the program as whole processes, beside a bare `node -e 0`, interleaved; prints medians and ratios.
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const rounds = Number(process.argv[2] ?? 15)
const pls = fileURLToPath(new URL("../../dist/bin/pls.cjs", import.meta.url))
const directory = mkdtempSync(`${tmpdir()}/pls-start-`)
const commands = {
  "node -e 0": ["-e", "0"],
  "pls version": [pls, "version"],
  "pls poke p '{\"x\":1}'": [pls, "--dir", directory, "poke", "p", '{"x":1}', "--create"],
  "pls get p 1": [pls, "--dir", directory, "get", "p", "1"],
  "pls pool info p": [pls, "--dir", directory, "pool", "info", "p"]
}

const millisecondsOf = (args) => {
  const start = process.hrtime.bigint()
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
for (let warm = 0; warm < 2; warm++) for (const args of Object.values(commands)) millisecondsOf(args)
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(commands)) times[name].push(millisecondsOf(args))
}
rmSync(directory, { recursive: true, force: true })

const bare = median(times["node -e 0"])
console.log(`${rounds} rounds, node ${process.version}, ${process.platform} ${process.arch}`)
for (const [name, values] of Object.entries(times)) {
  const sorted = [...values].sort((a, b) => a - b)
  console.log(
    `${name.padEnd(24)} median ${median(values).toFixed(1).padStart(7)} ms   min ${sorted[0].toFixed(1).padStart(7)}   ratio ${(median(values) / bare).toFixed(2)}`
  )
}
