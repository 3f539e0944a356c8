// A fresh pool directory for every row of the acceptance table, and the row itself as a test. The name of a test begins
// with the number of its row; a row that holds under both spellings of a command is run under both, side by side.
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, it } from "vitest"
import { type Message, messages, oneLine, type PoolInfo, succeeded } from "./answers.js"
import { finish, type Launch, type Outcome, run, type Running, start } from "./harness.js"

export interface Room {
  /** The pool directory. */
  readonly dir: string
  /** The directory around it: current directory and home of every call, not a place for pools. */
  readonly home: string
  /** The file of a pool in the pool directory. */
  readonly file: (pool: string) => string
  /** A file beside the pool directory with this content. */
  readonly write: (name: string, content: string) => string
  readonly run: (args: ReadonlyArray<string>, launch?: Launch) => Promise<Outcome>
  readonly start: (args: ReadonlyArray<string>, launch?: Launch) => Running
  /** A pool with defaults, holding these payloads, each with the tags. */
  readonly pool: (name: string, data?: ReadonlyArray<unknown>, tags?: ReadonlyArray<string>) => Promise<Array<Message>>
  /** An empty pool of another size. */
  readonly sized: (name: string, size: string) => Promise<void>
  /** Appends the payloads and returns the receipts. */
  readonly fill: (name: string, data: ReadonlyArray<unknown>, tags?: ReadonlyArray<string>) => Promise<Array<Message>>
  readonly info: (name: string) => Promise<PoolInfo>
  /** Everything a pool retains. */
  readonly history: (name: string) => Promise<Array<Message>>
}

const removeRoom = (home: string): void => {
  const dir = path.join(home, "pools")
  // Some rows take the right to write away, also from whoever cleans up.
  if (fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) fs.chmodSync(dir, 0o755)
  fs.rmSync(home, { recursive: true, force: true })
}

const rooms = new Set<string>()
afterEach(() => {
  for (const home of rooms) removeRoom(home)
  rooms.clear()
})

/** A pool is a plain file: one that was created once can be had again by writing its bytes. */
let emptyPool: Promise<Buffer> | undefined

const makeEmptyPool = async (): Promise<Buffer> => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "pls-"))
  const file = path.join(home, "p.plasmite")
  succeeded(await run(["--dir", home, "pool", "create", "p"]))
  const bytes = fs.readFileSync(file)
  removeRoom(home)
  return bytes
}

export const makeRoom = (): Room => {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "pls-")))
  rooms.add(home)
  const dir = path.join(home, "pools")
  fs.mkdirSync(dir)
  // Some rows look at all this with the eyes of another user.
  fs.chmodSync(home, 0o755)

  const file = (pool: string): string => path.join(dir, `${pool}.plasmite`)
  const startHere = (args: ReadonlyArray<string>, launch: Launch = {}): Running =>
    start(["--dir", dir, ...args], { cwd: home, ...launch })
  const runHere = (args: ReadonlyArray<string>, launch: Launch = {}): Promise<Outcome> =>
    finish(startHere(args, launch), launch.withinMillis)
  const fill: Room["fill"] = async (name, data, tags = []) => {
    const stdin = data.map((value) => `${JSON.stringify(value)}\n`).join("")
    const outcome = await runHere(["poke", name, ...tags.flatMap((tag) => ["--tag", tag])], { stdin })
    return messages(succeeded(outcome).stdout)
  }

  return {
    dir,
    home,
    file,
    write: (name, content) => {
      fs.writeFileSync(path.join(home, name), content)
      return path.join(home, name)
    },
    run: runHere,
    start: startHere,
    fill,
    pool: async (name, data = [], tags = []) => {
      fs.writeFileSync(file(name), await (emptyPool ??= makeEmptyPool()))
      return data.length === 0 ? [] : fill(name, data, tags)
    },
    sized: async (name, size) => void succeeded(await runHere(["pool", "create", name, "--size", size])),
    info: async (name) => oneLine<PoolInfo>(succeeded(await runHere(["pool", "info", name, "--json"])).stdout),
    history: async (name) =>
      messages(succeeded(await runHere(["peek", name, "--tail", "1000000", "--replay", "0", "--jsonl"])).stdout)
  }
}

/** Which command set promises a row: the original one, the later one, both, or nobody but us. */
export type Era = "seed" | "v0.8" | "both" | "ours"

export interface Spelling {
  readonly poke: "poke" | "feed"
  readonly peek: "peek" | "follow"
  readonly get: "get" | "fetch"
}

export const seedSpelling: Spelling = { poke: "poke", peek: "peek", get: "get" }
export const laterSpelling: Spelling = { poke: "feed", peek: "follow", get: "fetch" }

/** One row of the acceptance table. */
export const row = (id: number | string, era: Era, when: string, body: (room: Room) => Promise<void>): void =>
  void it(`17.${id} ${era}: ${when}`, () => body(makeRoom()))

/** A row that holds whichever way its command is spelled. */
export const spelledRow = (
  id: number | string,
  era: Era,
  when: string,
  body: (room: Room, say: Spelling) => Promise<void>
): void =>
  void it(`17.${id} ${era}: ${when}`, async () => {
    const spelled = async (say: Spelling): Promise<void> => {
      try {
        await body(makeRoom(), say)
      } catch (error) {
        if (error instanceof Error) error.message = `spelled ${say.poke}, ${say.peek}, ${say.get}: ${error.message}`
        throw error
      }
    }
    await Promise.all([spelled(seedSpelling), spelled(laterSpelling)])
  })
