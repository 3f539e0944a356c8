// Runs the interoperability suite when PLASMITE_UPSTREAM_BIN names upstream's program, and says so when it cannot.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const upstream = process.env.PLASMITE_UPSTREAM_BIN
if (!upstream) {
  console.log(
    "test:upstream did NOT run: set PLASMITE_UPSTREAM_BIN to upstream's program (plasmite 0.8.0), for example"
  )
  console.log("  cargo install plasmite --version 0.8.0 --locked --root DIR")
  console.log("  PLASMITE_UPSTREAM_BIN=DIR/bin/plasmite npm run test:upstream")
  process.exit(0)
}
if (!existsSync(upstream)) {
  console.error(`PLASMITE_UPSTREAM_BIN names ${upstream}, which does not exist`)
  process.exit(2)
}
const { status } = spawnSync("npx", ["vitest", "run", "--config", "test/upstream/vitest.config.ts"], {
  stdio: "inherit"
})
process.exit(status ?? 1)
