/**
 * What `serve init` makes and prints, in the hands of upstream's client: its verifier is stricter than most, and takes a
 * server's own certificate as the only root.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, afterEach, assert, describe, it } from "vitest"
import { networkAddress } from "../cli/serving.js"
import { eventually } from "../http/server.js"

const upstream = process.env["PLASMITE_UPSTREAM_BIN"]!
const ours = [process.execPath, path.resolve(import.meta.dirname, "../../dist/bin/plasmite.cjs")] as const
const root = fs.mkdtempSync(path.join(os.tmpdir(), "pls-upstream-serve-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const servers = new Set<ChildProcess>()
afterEach(() => {
  for (const server of servers) server.kill("SIGKILL")
  servers.clear()
})

const environment = { PATH: process.env["PATH"], HOME: root }

const run = (program: ReadonlyArray<string>, args: ReadonlyArray<string>) =>
  spawnSync(program[0]!, [...program.slice(1), ...args], {
    cwd: root,
    env: environment,
    encoding: "utf8",
    timeout: 20_000
  })

const serve = async (...options: ReadonlyArray<string>): Promise<number> => {
  const ready = path.join(root, `ready-${Math.random().toString(36).slice(2)}`)
  const args = ["serve", "--bind", "0.0.0.0:0", "--allow-non-loopback", ...options]
  const server = spawn(ours[0], [ours[1], ...args], {
    env: { ...environment, PLASMITE_SERVE_READY_FILE: ready },
    cwd: root,
    stdio: "ignore"
  })
  servers.add(server)
  await eventually("our server", () => fs.existsSync(ready), 20_000)
  return Number(fs.readFileSync(ready, "utf8").trim().split(":")[1])
}

const files = { token: "O/plasmite-auth-token.txt", cert: "O/plasmite-tls-cert.pem", key: "O/plasmite-tls-key.pem" }

describe("upstream's client, the certificates we make", () => {
  it("100: trusts that of serve init by its file alone, under every address", async () => {
    assert.strictEqual(run(ours, ["serve", "init", "--output-dir", "O"]).status, 0)
    assert.strictEqual(run(ours, ["pool", "create", "demo"]).status, 0)
    const port = await serve("--token-file", files.token, "--tls-cert", files.cert, "--tls-key", files.key)
    for (const [index, host] of ["127.0.0.1", "localhost", networkAddress()].entries()) {
      const client = [`https://${host}:${port}/demo`, "--token-file", files.token, "--tls-ca", files.cert]
      const fed = run([upstream], ["feed", ...client, '{"hello":"world"}'])
      assert.strictEqual(fed.status, 0, `${host}: ${fed.stderr}`)
      assert.strictEqual((JSON.parse(fed.stdout) as { seq: number }).seq, index + 1)
      const followed = run([upstream], ["follow", ...client, "--tail", "1", "--one", "--jsonl"])
      assert.strictEqual(followed.status, 0, `${host}: ${followed.stderr}`)
      assert.deepStrictEqual((JSON.parse(followed.stdout) as { data: unknown }).data, { hello: "world" })
    }
    const stranger = run([upstream], ["feed", `https://127.0.0.1:${port}/demo`, "--token-file", files.token, "{}"])
    assert.notStrictEqual(stranger.status, 0)
  })

  it("100: trusts that of --tls-self-signed as well", async () => {
    run(ours, ["serve", "init", "--output-dir", "O", "--force"])
    run(ours, ["pool", "create", "other"])
    const port = await serve("--token-file", files.token, "--tls-self-signed", "--tls-cert-out", "self.pem")
    const client = [`https://${networkAddress()}:${port}/other`, "--token-file", files.token, "--tls-ca", "self.pem"]
    const fed = run([upstream], ["feed", ...client, "{}"])
    assert.strictEqual(fed.status, 0, fed.stderr)
  })
})
