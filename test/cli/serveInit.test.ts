// `serve init` and `serve check`: files, their rights, and commands that work as they are printed.
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { placeFiles } from "../../cli/serve/placeFiles.js"
import { failed, messages, oneLine, succeeded } from "./answers.js"
import { eventually, finish, run, startShell } from "./harness.js"
import { makeRoom, type Room } from "./room.js"
import { networkAddress } from "./serving.js"

interface Init {
  readonly artifact_paths: { readonly token_file: string; readonly tls_cert: string; readonly tls_key: string }
  readonly tls_fingerprint: string
  readonly server_commands: ReadonlyArray<string>
  readonly client_commands: ReadonlyArray<string>
  readonly curl_client_commands: ReadonlyArray<string>
  readonly next_commands: ReadonlyArray<string>
}

const names = ["plasmite-auth-token.txt", "plasmite-tls-cert.pem", "plasmite-tls-key.pem"]

const initialise = async (room: Room, ...options: ReadonlyArray<string>): Promise<Init> =>
  oneLine<{ init: Init }>(succeeded(await room.run(["serve", "init", "--output-dir", "O", ...options])).stdout).init

const modeOf = (file: string): number => fs.statSync(file).mode & 0o777

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const { createServer } = await import("node:net")
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe("serve init", () => {
  it("110, 197: makes three files and says how to use them, without the token", async () => {
    const room = makeRoom()
    const outcome = await room.run(["serve", "init", "--output-dir", "O", "--bind", "0.0.0.0:9700"])
    const { init } = oneLine<{ init: Init }>(succeeded(outcome).stdout)
    const { tls_cert, tls_key, token_file } = init.artifact_paths
    assert.deepStrictEqual(
      [token_file, tls_cert, tls_key],
      names.map((name) => path.join(room.home, "O", name))
    )
    const token = fs.readFileSync(token_file, "utf8")
    assert.match(token, /^[0-9a-f]{64}\n$/)
    assert.notInclude(outcome.stdout + outcome.stderr, token.trim())
    assert.match(init.tls_fingerprint, /^SHA256:([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    assert.match(init.server_commands[0]!, /^plasmite serve --bind 0\.0\.0\.0:9700 --allow-non-loopback /)
    assert.deepStrictEqual(init.next_commands, [init.server_commands[0]!, ...init.curl_client_commands])
    assert.match(
      init.client_commands[0]!,
      /^plasmite poke https:\/\/\S+:9700\/demo --token-file .* '\{"hello":"world"\}'$/
    )
    assert.match(init.client_commands[1]!, /^plasmite peek https:\/\/\S+:9700\/demo .* --tail 10$/)
  })

  it("114: secrets are for their owner, the certificate for all, the directory that was made for the owner", async () => {
    const room = makeRoom()
    const { artifact_paths: paths } = await initialise(room)
    assert.deepStrictEqual(Object.values(paths).map(modeOf), [0o600, 0o644, 0o600])
    assert.strictEqual(modeOf(path.join(room.home, "O")), 0o700)
  })

  it("111, 198: again is AlreadyExists and changes nothing; --force replaces all, and says so", async () => {
    const room = makeRoom()
    await initialise(room)
    const contents = () => names.map((name) => fs.readFileSync(path.join(room.home, "O", name), "utf8"))
    const before = contents()
    const again = failed(await room.run(["serve", "init", "--output-dir", "O"]), "AlreadyExists")
    assert.include(again.hint, "--force")
    assert.strictEqual(again.path, path.join(room.home, "O", names[0]!))
    assert.deepStrictEqual(contents(), before)
    const forced = await room.run(["serve", "init", "--output-dir", "O", "--force"], { terminals: ["stdout"] })
    assert.match(succeeded(forced).stdout, /overwritten/)
    for (const [index, content] of contents().entries()) assert.notStrictEqual(content, before[index])
    assert.deepStrictEqual(fs.readdirSync(path.join(room.home, "O")).sort(), [...names].sort())
  })

  it("111: one file that exists is enough, and none is made", async () => {
    const room = makeRoom()
    fs.mkdirSync(path.join(room.home, "O"))
    const there = room.write(`O/${names[2]!}`, "mine")
    assert.strictEqual(failed(await room.run(["serve", "init", "--output-dir", "O"]), "AlreadyExists").path, there)
    assert.deepStrictEqual(fs.readdirSync(path.join(room.home, "O")), [names[2]!])
    assert.strictEqual(fs.readFileSync(there, "utf8"), "mine")
  })

  it("113: equal paths are refused", async () => {
    const room = makeRoom()
    const refusal = failed(await room.run(["serve", "init", "--tls-cert", "x.pem", "--tls-key", "./x.pem"]), "Usage")
    assert.strictEqual(refusal.path, path.join(room.home, "x.pem"))
    assert.deepStrictEqual(fs.readdirSync(room.home), ["pools"])
  })

  it("115: a failure at the third file leaves none, at whatever moment", async () => {
    const room = makeRoom()
    room.write("file", "")
    // Its directory is a file: it cannot even be prepared. Its name is too long: it can be prepared, but not placed.
    for (const key of ["file/key.pem", `${"k".repeat(300)}.pem`]) {
      const outcome = await room.run(["serve", "init", "--output-dir", "O", "--tls-key", path.join(room.home, key)])
      failed(outcome, "Io")
      assert.deepStrictEqual(fs.readdirSync(path.join(room.home, "O")), [])
      assert.deepStrictEqual(
        fs.readdirSync(room.home).filter((name) => name.startsWith(".")),
        []
      )
    }
  })

  it("115: with --force, a failure brings the old ones back", async () => {
    const room = makeRoom()
    const { artifact_paths: paths } = await initialise(room)
    const old = Object.values(paths).map((file) => fs.readFileSync(file, "utf8"))
    fs.rmSync(paths.tls_key)
    fs.mkdirSync(paths.tls_key)
    const outcome = await room.run(["serve", "init", "--output-dir", "O", "--force"])
    assert.strictEqual(failed(outcome, "Io").path, paths.tls_key)
    assert.deepStrictEqual(
      [paths.token_file, paths.tls_cert].map((file) => fs.readFileSync(file, "utf8")),
      old.slice(0, 2)
    )
    assert.deepStrictEqual(fs.readdirSync(path.join(room.home, "O")).sort(), [...names].sort())
  })

  it("links are replaced, not followed", () => {
    const room = makeRoom()
    const victim = room.write("victim", "precious")
    const place = path.join(room.home, "link")
    fs.symlinkSync(victim, place)
    assert.throws(() => placeFiles([{ path: place, content: "x", mode: 0o600 }], { replace: false }))
    placeFiles([{ path: place, content: "x", mode: 0o600 }], { replace: true })
    assert.strictEqual(fs.readFileSync(victim, "utf8"), "precious")
    assert.isFalse(fs.lstatSync(place).isSymbolicLink())
  })

  it("on a terminal the text has everything but the token", async () => {
    const room = makeRoom()
    const { stdout } = succeeded(await room.run(["serve", "init", "--output-dir", "O"], { terminals: ["stdout"] }))
    for (const name of names) assert.include(stdout, name)
    const host = networkAddress()
    for (const part of [
      "set up",
      path.join(room.home, "O"),
      "SHA256:",
      "plasmite serve \\\n",
      `https://${host}:9700/demo`,
      "curl"
    ]) {
      assert.include(stdout, part)
    }
    assert.notInclude(stdout, fs.readFileSync(path.join(room.home, "O", names[0]!), "utf8").trim())
  })

  it("116: the printed commands work as they are, from the host's address on the network", async () => {
    const room = makeRoom()
    const port = await freePort()
    const init = await initialise(room, "--bind", `0.0.0.0:${port}`)
    assert.include(init.client_commands[0], `https://${networkAddress()}:${port}/demo`)
    const shell = (command: string) =>
      startShell(`plasmite() { $PLASMITE "$@"; }\n${command}`, { cwd: room.home, env: { HOME: room.home } })
    const [serve, create] = init.server_commands
    const server = shell(serve!)
    await eventually("the server is ready", () => server.stderr().includes("serve_ready"))
    succeeded(await finish(shell(create!)))
    const [write, read] = init.curl_client_commands
    const written = succeeded(await finish(shell(write!)))
    assert.strictEqual((JSON.parse(written.stdout) as { message: { seq: number } }).message.seq, 1)
    const seen = succeeded(await finish(shell(read!)))
    const lines = seen.stdout.split("\n").filter((line) => line !== "")
    assert.deepStrictEqual(
      messages(`${lines.join("\n")}\n`).map(({ data }) => data),
      [{ hello: "world" }]
    )

    const [poke, peek] = init.client_commands
    const poked = succeeded(await finish(shell(poke!)))
    assert.strictEqual(messages(poked.stdout)[0]!.seq, 2)
    const follower = shell(peek!)
    const texts = () => follower.stdout().split("\n").slice(0, -1)
    await eventually("the follower shows what is there", () => texts().length === 2)
    assert.deepStrictEqual(
      texts().map((text) => (JSON.parse(text) as { seq: number }).seq),
      [1, 2]
    )
  })
})

describe("serve check", () => {
  it("193, 194, 117, 120: the report has the addresses, normalised origins and the limits", async () => {
    const room = makeRoom()
    const origins = ["--cors-origin", "https://A.example:443/", "--cors-origin", "https://a.example"]
    for (const json of [[], ["--json"]]) {
      const outcome = await room.run(["serve", ...origins, "--max-tail-concurrency", "7", "check", ...json])
      assert.deepStrictEqual(oneLine<unknown>(succeeded(outcome).stdout), {
        check: {
          status: "valid",
          listen: "127.0.0.1:9700",
          base_url: "http://127.0.0.1:9700",
          web_ui: "http://127.0.0.1:9700/ui",
          web_ui_pool: "http://127.0.0.1:9700/ui/pools/demo",
          mcp: "http://127.0.0.1:9700/mcp",
          auth: "none",
          tls: "disabled",
          tls_fingerprint: null,
          access: "read-write",
          cors_allowed_origins: ["https://a.example"],
          limits: {
            max_body_bytes: 1_048_576,
            max_tail_timeout_ms: 30_000,
            max_tail_concurrency: 7,
            max_pool_bytes: 1_073_741_824,
            max_pools: 1000
          },
          warnings: []
        }
      })
    }
  })

  it("118: text on a terminal, and with --no-json", async () => {
    const room = makeRoom()
    for (const [options, terminals] of [
      [[], ["stdout"]],
      [["--no-json"], []]
    ] as const) {
      const { stdout } = succeeded(await room.run(["serve", "check", ...options], { terminals }))
      assert.match(stdout, /^The configuration is valid\./)
      assert.include(stdout, "body 1M, timeout 30s, concurrency 64")
      assert.include(stdout, "http://127.0.0.1:9700/mcp")
    }
  })

  it("in the base URL a wildcard is the loopback address", async () => {
    const room = makeRoom()
    for (const [bind, base] of [
      ["0.0.0.0:1", "http://127.0.0.1:1"],
      ["[::]:1", "http://[::1]:1"]
    ] as const) {
      const options = ["serve", "--bind", bind, "--allow-non-loopback", "--access", "read-only", "check"]
      const { check } = oneLine<{ check: Record<string, unknown> }>(succeeded(await room.run(options)).stdout)
      assert.deepInclude(check, { listen: bind, base_url: base })
    }
  })

  it("196: other machines unasked are refused here too, and a token says which kind it is", async () => {
    const room = makeRoom()
    failed(await room.run(["serve", "--bind", "0.0.0.0:0", "check"]), "Usage")
    const { check } = oneLine<{ check: { auth: string } }>(
      succeeded(await room.run(["serve", "--token", "t", "check"])).stdout
    )
    assert.strictEqual(check.auth, "bearer token (--token)")
  })

  it("binds nothing and writes nothing", async () => {
    const room = makeRoom()
    const missing = path.join(room.home, "missing")
    succeeded(await run(["--dir", missing, "serve", "check"], { cwd: room.home }))
    assert.deepStrictEqual(fs.readdirSync(room.home), ["pools"])
  })

  it("a directory that cannot be read is refused; one that cannot be written is a warning", async () => {
    const room = makeRoom()
    const bare = { unprivileged: true, env: { HOME: "/nonexistent", XDG_CACHE_HOME: "/nonexistent" } }
    fs.chmodSync(room.dir, 0o755)
    const readable = await room.run(["serve", "check"], bare)
    const { warnings } = oneLine<{ check: { warnings: Array<string> } }>(succeeded(readable).stdout).check
    if (process.getuid?.() === 0) assert.match(warnings.join("\n"), /not writable/)
    fs.chmodSync(room.dir, 0o000)
    failed(await room.run(["serve", "check"], bare), "Permission")
  })
})
