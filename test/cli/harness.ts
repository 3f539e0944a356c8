// Real processes of the built programs, as a person or a script would start them. Every wait has a bound, every
// process dies with the test that started it, and no environment of the machine leaks in.
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach } from "vitest"
import * as Terminal from "./terminal.js"

const root = path.resolve(import.meta.dirname, "../..")

/** Another program can be put to the test: `PLS` and `PLASMITE` hold its command, words separated by blanks. */
export const programs = {
  pls: process.env["PLS"]?.split(" ") ?? [process.execPath, path.join(root, "dist/bin/pls.cjs")],
  plasmite: process.env["PLASMITE"]?.split(" ") ?? [process.execPath, path.join(root, "dist/bin/plasmite.cjs")]
}

for (const words of Object.values(programs)) {
  const program = words.at(-1)!
  if (!fs.existsSync(program)) throw new Error(`${program} is missing: run "npm run build" first`)
}

export type StreamName = "stdin" | "stdout" | "stderr"

export interface Launch {
  readonly program?: "pls" | "plasmite"
  /** Input, complete. `"open"`: a pipe that the test writes to and ends. Without it: nothing to read. */
  readonly stdin?: string | Uint8Array | "open"
  /** The streams that shall be terminals, each one of its own. */
  readonly terminals?: ReadonlyArray<StreamName>
  /** A file that receives standard output. */
  readonly stdoutFile?: string
  readonly stderrFile?: string
  readonly stdinFile?: string
  /** Leaves standard output unread until `resume`. */
  readonly paused?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Runs without the rights of root. */
  readonly unprivileged?: boolean
  readonly withinMillis?: number
}

export interface Outcome {
  /** `null` when a signal ended the process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMillis: number
}

export interface Running {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** The complete lines of standard output. */
  readonly lines: () => Array<string>
  readonly isRunning: () => boolean
  readonly exited: Promise<Outcome>
  /** Waits until so many lines are there, and returns them. */
  readonly waitForLines: (count: number, withinMillis?: number) => Promise<Array<string>>
  /** Waits until the process has the pool open and has nothing left to do: its position is fixed then. */
  readonly waitUntilFollowing: (poolFile: string) => Promise<void>
  readonly waitUntilOpen: (file: string) => Promise<void>
  readonly write: (text: string) => void
  readonly end: (text?: string) => void
  readonly resume: () => void
  readonly kill: (signal: NodeJS.Signals) => void
}

const patienceMillis = 20_000
const nobody = 65_534

/** Waits for something to become true: the only way in which tests wait. */
export const eventually = async (
  what: string,
  condition: () => boolean,
  withinMillis = patienceMillis
): Promise<void> => {
  const deadline = performance.now() + withinMillis
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMillis} ms in vain: ${what}`)
    await sleep(10)
  }
}

export const baseEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  TMPDIR: os.tmpdir(),
  LANG: "C.UTF-8",
  TERM: "xterm-256color",
  HOME: home,
  // Homes come and go with the tests; the compiled program need not.
  XDG_CACHE_HOME: path.join(root, "node_modules/.cache")
})

const running = new Set<ChildProcess>()

const killGroup = (child: ChildProcess): void => {
  try {
    process.kill(-child.pid!, "SIGKILL")
  } catch {
    // Already gone.
  }
}

afterEach(() => {
  for (const child of running) killGroup(child)
})
process.on("exit", () => {
  for (const child of running) killGroup(child)
})

/** Starts any command in its own process group. */
export const startCommand = (command: ReadonlyArray<string>, launch: Launch = {}): Running => {
  const terminals = new Map((launch.terminals ?? []).map((name) => [name, Terminal.open()] as const))
  const files = new Map<StreamName, number>()
  if (launch.stdinFile !== undefined) files.set("stdin", fs.openSync(launch.stdinFile, "r"))
  if (launch.stdoutFile !== undefined) files.set("stdout", fs.openSync(launch.stdoutFile, "w"))
  if (launch.stderrFile !== undefined) files.set("stderr", fs.openSync(launch.stderrFile, "w"))
  const stdio: StdioOptions = (["stdin", "stdout", "stderr"] as const).map(
    (name) =>
      terminals.get(name)?.childEnd ??
      files.get(name) ??
      (name === "stdin" && launch.stdin === undefined ? "ignore" : "pipe")
  )

  const startedAt = performance.now()
  const child = spawn(command[0]!, command.slice(1), {
    stdio,
    // A group of its own: a shell's pipeline dies as a whole when the test is over.
    detached: true,
    env: { ...baseEnvironment(launch.cwd ?? os.tmpdir()), ...launch.env },
    ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    ...(launch.unprivileged === true && process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {})
  })
  running.add(child)
  for (const terminal of terminals.values()) terminal.closeChildEnd()
  for (const descriptor of files.values()) fs.closeSync(descriptor)

  const text = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8")
    if (name === "stdout" && launch.paused === true) child.stdout?.pause()
    else child[name]?.on("data", (chunk: string) => (text[name] += chunk))
  }
  const read = (name: "stdout" | "stderr"): string => terminals.get(name)?.text() ?? text[name]

  // A child that does not read its input is no failure of the test.
  child.stdin?.on("error", () => {})
  if (launch.stdin !== undefined && launch.stdin !== "open") child.stdin?.end(launch.stdin)

  const exited = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", async (code, signal) => {
      running.delete(child)
      const elapsedMillis = performance.now() - startedAt
      await Promise.race([Promise.all([...terminals.values()].map((terminal) => terminal.ended)), sleep(2_000)])
      for (const terminal of terminals.values()) terminal.close()
      resolve({ code, signal, stdout: read("stdout"), stderr: read("stderr"), elapsedMillis })
    })
  })
  exited.catch(() => {})

  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  const lines = (): Array<string> => read("stdout").split("\n").slice(0, -1)
  /** Waits for a sign of life, and not for the dead. */
  const waitFor = (what: string, condition: () => boolean, withinMillis?: number): Promise<void> =>
    eventually(
      what,
      () => {
        if (condition()) return true
        if (!isRunning()) throw new Error(`the process ended before this: ${what}\n${read("stdout")}${read("stderr")}`)
        return false
      },
      withinMillis
    )

  const self: Running = {
    pid: child.pid!,
    stdout: () => read("stdout"),
    stderr: () => read("stderr"),
    lines,
    isRunning,
    exited,
    waitForLines: async (count, withinMillis) => {
      await waitFor(`${count} lines on stdout`, () => lines().length >= count, withinMillis)
      return lines()
    },
    waitUntilOpen: async (file) => {
      if (process.platform !== "linux") return sleep(1_000)
      await waitFor(`${file} is open`, () => hasOpen(self.pid, file))
    },
    waitUntilFollowing: async (poolFile) => {
      await self.waitUntilOpen(poolFile)
      if (process.platform === "linux") await waitFor("the process is idle", idleDetector(self.pid))
    },
    write: (text) => void child.stdin!.write(text),
    end: (text) => void child.stdin!.end(text),
    resume: () => {
      child.stdout!.on("data", (chunk: string) => (text.stdout += chunk))
      child.stdout!.resume()
    },
    kill: (signal) => void process.kill(self.pid, signal)
  }
  return self
}

/** The kernel knows which files a process has mapped or open. */
const hasOpen = (pid: number, file: string): boolean => {
  try {
    const wanted = fs.realpathSync(file)
    return (
      fs.readFileSync(`/proc/${pid}/maps`, "utf8").includes(wanted) ||
      fs.readdirSync(`/proc/${pid}/fd`).some((entry) => fs.readlinkSync(`/proc/${pid}/fd/${entry}`) === wanted)
    )
  } catch {
    return false
  }
}

/** True once the main thread was found asleep five times in a row and used next to no processor time meanwhile. */
const idleDetector = (pid: number): (() => boolean) => {
  let asleep = 0
  let ticksBefore = 0
  return () => {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")
    const ticks = Number(fields[11]) + Number(fields[12])
    if (asleep === 0) ticksBefore = ticks
    asleep = fields[0] === "S" && ticks - ticksBefore <= 1 ? asleep + 1 : 0
    return asleep >= 5
  }
}

export const start = (args: ReadonlyArray<string>, launch: Launch = {}): Running =>
  startCommand([...programs[launch.program ?? "pls"], ...args], launch)

/** Waits for the end of a process; one that does not end is a failure with all it has said so far. */
export const finish = async (process: Running, withinMillis = patienceMillis): Promise<Outcome> => {
  const late = new AbortController()
  const outcome = await Promise.race([
    process.exited,
    sleep(withinMillis, undefined, { signal: late.signal }).catch(() => undefined)
  ])
  late.abort()
  if (outcome !== undefined) return outcome
  throw new Error(`still running after ${withinMillis} ms\nstdout: ${process.stdout()}\nstderr: ${process.stderr()}`)
}

export const run = (args: ReadonlyArray<string>, launch: Launch = {}): Promise<Outcome> =>
  finish(start(args, launch), launch.withinMillis)

/** A line of bash in which `$PLS` and `$PLASMITE` are the programs. */
export const startShell = (script: string, launch: Launch = {}): Running =>
  startCommand(["bash", "-c", script], {
    ...launch,
    env: { PLS: programs.pls.join(" "), PLASMITE: programs.plasmite.join(" "), ...launch.env }
  })

export const shell = (script: string, launch: Launch = {}): Promise<Outcome> =>
  finish(startShell(script, launch), launch.withinMillis)
