/** Appends the load of this machine to a pool, ten times a second, until it is stopped. No Effect needed. */
import { Client } from "effect-plasmite/node"
import * as os from "node:os"
import { setTimeout } from "node:timers/promises"

using client = new Client()
using pool = client.pool("load")
const stop = new AbortController()
process.once("SIGTERM", () => stop.abort())
process.once("SIGINT", () => stop.abort())

while (!stop.signal.aborted) {
  const load = os.loadavg()[0] ?? 0
  await pool.promises.append({ load, freeMegabytes: Math.round(os.freemem() / 1e6) }, [load > 4 ? "busy" : "calm"])
  await setTimeout(100, undefined, { signal: stop.signal }).catch(() => {})
}
