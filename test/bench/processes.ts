/** Running programs and asking the kernel about them. Linux answers in `/proc`; where there is none, nobody does. */
import { type ChildProcess, spawn, spawnSync, type StdioOptions } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"

const root = path.resolve(import.meta.dirname, "../../..")
export const pls = path.join(root, "dist/bin/pls.cjs")
export const childModule = (name: string): string => path.join(import.meta.dirname, "children", `${name}.js`)

export const hasProgram = (name: string): boolean =>
  spawnSync("sh", ["-c", `command -v "$0"`, name], { stdio: "ignore" }).status === 0

const running = new Set<ChildProcess>()

/** A process that will not outlive this one, whatever way this one ends by itself. */
export const kept = <Child extends ChildProcess>(child: Child): Child => {
  running.add(child)
  child.once("exit", () => running.delete(child))
  return child
}
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

/** Milliseconds from before the start of a process until after its end. */
export const wholeProcessMillis = (
  command: ReadonlyArray<string>,
  stdio: StdioOptions = ["ignore", "ignore", "pipe"]
): number => {
  const started = process.hrtime.bigint()
  const { error, status, stderr } = spawnSync(command[0]!, command.slice(1), { stdio, encoding: "utf8" })
  const millis = Number(process.hrtime.bigint() - started) / 1e6
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${stderr ?? ""}`)
  return millis
}

/** Ends a process of ours, if it has not ended, and waits until it has. */
export const stopped = (child: ChildProcess, graceMillis = 2_000): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMillis)
    child.once("exit", () => {
      clearTimeout(timer)
      resolve()
    })
  })

export const terminated = (child: ChildProcess): Promise<void> => {
  child.kill("SIGTERM")
  return stopped(child)
}

/** Milliseconds from the start of a process until its so-many-th line of output; then it is ended. */
export const millisUntilLines = async (command: ReadonlyArray<string>, lines: number): Promise<number> => {
  const started = process.hrtime.bigint()
  const child = kept(spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] }))
  let seen = 0
  try {
    for await (const piece of child.stdout) {
      const bytes = piece as Buffer
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) seen++
      if (seen >= lines) return Number(process.hrtime.bigint() - started) / 1e6
    }
    throw new Error(`${command.join(" ")} ended after ${seen} of ${lines} lines`)
  } finally {
    await terminated(child)
  }
}

export const hasProc = (): boolean => fs.existsSync("/proc/self/schedstat")

/** Nanoseconds that all threads of a process have been on a processor. */
export const processorNanos = (pid: number): number =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]))
    .reduce((sum, nanos) => sum + nanos, 0)

/** KiB of memory that a process has in residence, without its maps of one file. */
export const residentKibibytesBeyond = (pid: number, file: string): number => {
  const sections = fs.readFileSync(`/proc/${pid}/smaps`, "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
  let sum = 0
  for (const section of sections) {
    if (section.slice(0, section.indexOf("\n")).endsWith(file)) continue
    sum += Number(/^Rss:\s+(\d+) kB$/m.exec(section)?.[1] ?? 0)
  }
  return sum
}
