/** Upstream's server, for the length of a test. */
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { onTestFinished } from "vitest"
import { eventually } from "../cli/harness.js"
import type { Room } from "../cli/room.js"

export const upstream = process.env["PLASMITE_UPSTREAM_BIN"]!

export interface UpstreamServer {
  readonly url: string
  readonly port: number
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
}

/** Upstream's server over the pools of a room. */
export const serveUpstream = async (
  room: Room,
  port: number,
  ...options: ReadonlyArray<string>
): Promise<UpstreamServer> => {
  const ready = path.join(room.home, `ready-${Math.random()}`)
  const child: ChildProcess = spawn(upstream, ["--dir", room.dir, "serve", "--bind", `127.0.0.1:${port}`, ...options], {
    env: { PATH: process.env["PATH"], HOME: room.home, PLASMITE_SERVE_READY_FILE: ready },
    stdio: "ignore"
  })
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await ended
  }
  onTestFinished(() => kill("SIGKILL"))
  await eventually("upstream's server", () => fs.existsSync(ready) && fs.readFileSync(ready, "utf8").includes(":"))
  const bound = Number(fs.readFileSync(ready, "utf8").trim().split(":")[1])
  const scheme = options.includes("--tls-cert") ? "https" : "http"
  return { url: `${scheme}://127.0.0.1:${bound}`, port: bound, kill }
}
