// The main job on a real pool, with real processes: one follows, others append, a third looks back, the ring forgets.
// Prints each command before its output.
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const pls = fileURLToPath(new URL("../dist/bin/pls.cjs", import.meta.url))
const directory = mkdtempSync(`${tmpdir()}/plasmite-demo-`)
const colour = process.stdout.isTTY ? ["\u001b[36m", "\u001b[2m", "\u001b[0m"] : ["", "", ""]
const [cyan, dim, plain] = colour

const say = (text) => console.log(`\n${dim}# ${text}${plain}`)
const show = (args) => args.map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ")

const start = (args, prefix = "") => {
  const child = spawn(process.execPath, [pls, ...args], {
    env: { ...process.env, PLASMITE_DIR: directory },
    stdio: ["pipe", "pipe", "inherit"]
  })
  let pending = ""
  const lines = []
  child.stdout.setEncoding("utf8").on("data", (text) => {
    pending += text
    for (let end; (end = pending.indexOf("\n")) >= 0; pending = pending.slice(end + 1)) {
      lines.push(pending.slice(0, end))
      console.log(prefix + pending.slice(0, end))
    }
  })
  const ended = new Promise((resolve) => child.on("close", (code) => resolve(code)))
  return { child, ended, lines }
}

const run = async (...args) => {
  console.log(`${cyan}$ pls ${show(args)}${plain}`)
  const { child, ended } = start(args)
  child.stdin.end()
  const code = await ended
  if (code !== 0) throw new Error(`pls ${show(args)} ended with ${code}`)
}

try {
  say("A pool is one file. Creating it is all the setup there is.")
  await run("pool", "create", "build", "--size", "64K", "--no-json")

  say("One process follows it …")
  console.log(`${cyan}$ pls peek build --data-only &${plain}`)
  const follower = start(["peek", "build", "--data-only"], "    follower sees: ")
  await new Promise((resolve) => setTimeout(resolve, 700))

  say("… while others append.")
  await run("poke", "build", '{"step":"compile","status":"running"}')
  await run("poke", "build", '{"step":"compile","status":"done","seconds":12.5}', "--tag", "timing")
  await run("poke", "build", '{"step":"test","status":"failed","count":18446744073709551}', "--tag", "alert")

  follower.child.kill()
  await follower.ended

  say("A whole stream of records, each committed when it is complete; the ring keeps the newest.")
  console.log(`${cyan}$ seq 1 500 | sed 's/.*/{"line":&}/' | pls poke build --quiet${plain}`)
  const stream = start(["poke", "build", "--quiet"])
  for (let line = 1; line <= 500; line++) stream.child.stdin.write(`{"line":${line}}\n`)
  stream.child.stdin.end()
  await stream.ended

  say("Look back: the last two; one by number; those that a jq filter lets through.")
  await run("peek", "build", "--tail", "2", "--replay", "0")
  await run("get", "build", "503")
  await run("peek", "build", "--tail", "2", "--replay", "0", "--where", ".data.line % 100 == 0")

  say("Bounded, and in order.")
  await run("pool", "info", "build")
  await run("doctor", "build", "--no-json")
  for (const file of readdirSync(directory)) console.log(`${file}: ${statSync(`${directory}/${file}`).size} bytes`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
