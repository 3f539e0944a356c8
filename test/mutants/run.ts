/**
 * Are the tests any good? Breaks a copy of the sources in one way at a time and runs the tests on it, the quick ones
 * first, until one fails. Prints which test caught which variant; ends with 1 if one survived them all.
 *
 *   npm run mutants [-- --only NAME[,NAME]] [--list]
 */
import { parseArgs } from "node:util"
import type { Variant } from "./Variant.js"
import { variants } from "./variants.js"
import type { Outcome } from "./Workspace.js"
import { Workspace } from "./Workspace.js"

/** Test files run together. Those that are not there are passed over. */
interface Stage {
  readonly paths: ReadonlyArray<string>
  /** Many times what the unbroken sources take. */
  readonly limitSeconds: number
}

const ring: ReadonlyArray<Stage> = [
  {
    paths: [
      "append",
      "announce",
      "lockHeld",
      "tailStart",
      "create",
      "golden",
      "traces",
      "heal",
      "cursor",
      "damaged",
      "holeAtStart",
      "rareDamage",
      "repair",
      "protocol",
      "powerLoss"
    ].map((name) => `test/ring/${name}.test.ts`),
    limitSeconds: 300
  },
  { paths: ["test/ring/crash.test.ts"], limitSeconds: 300 }
]
const contract: ReadonlyArray<Stage> = [{ paths: ["test/contract/pools.test.ts"], limitSeconds: 300 }]
/** Slower, and asked last. Tests that need the built programs are left out: a build of broken sources may not compile. */
const others: ReadonlyArray<Stage> = ["crash", "sim", "fuzz"].map((area) => ({
  paths: [`test/${area}/`],
  limitSeconds: 300
}))

/** The quickest way to a verdict depends on what was broken. */
const stagesFor = ({ file }: Variant): ReadonlyArray<Stage> =>
  file.startsWith("src/internal/ring/") ? [...ring, ...contract, ...others] : [...contract, ...ring, ...others]

const tryStages = async (workspace: Workspace, stages: ReadonlyArray<Stage>): Promise<Outcome> => {
  for (const { limitSeconds, paths } of stages) {
    const present = paths.filter((path) => workspace.has(path))
    if (present.length === 0) continue
    const outcome = await workspace.runTests(present, limitSeconds)
    if (outcome.kind !== "passed") return outcome
  }
  return { kind: "passed" }
}

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { only: { type: "string" }, list: { type: "boolean", default: false } }
})
const only = values.only?.split(",")
const chosen = only === undefined ? variants : variants.filter(({ name }) => only.includes(name))
const unknown = only?.filter((name) => !variants.some((variant) => variant.name === name)) ?? []

/** Two at a time: more cores than that would be somebody else's. */
const workers = 2

const main = async (): Promise<number> => {
  if (unknown.length > 0) {
    console.error(`no variant is called ${unknown.join(", ")}; see --list`)
    return 2
  }
  if (values.list) {
    for (const { breaks, file, name } of chosen) console.log(`${name}  (${file})\n    ${breaks}`)
    console.log(`${chosen.length} variants`)
    return 0
  }
  const workspaces = Array.from({ length: workers }, () => Workspace.create())
  const dispose = (): void => workspaces.forEach((workspace) => workspace.dispose())
  process.once("SIGINT", () => {
    dispose()
    process.exit(130)
  })
  try {
    const waiting = [...chosen]
    const survivors: Array<string> = []
    let caught = 0
    let hung = 0
    const work = async (workspace: Workspace): Promise<void> => {
      for (let variant = waiting.shift(); variant !== undefined; variant = waiting.shift()) {
        const broken = variant
        const startedAt = performance.now()
        const outcome = await workspace.withVariant(broken, () => tryStages(workspace, stagesFor(broken)))
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
        if (outcome.kind === "passed") {
          survivors.push(broken.name)
          console.log(`SURVIVED  ${broken.name}  (${seconds} s)\n    ${broken.breaks}`)
        } else {
          caught++
          if (outcome.kind === "hung") hung++
          console.log(`caught    ${broken.name}  (${seconds} s)\n    ${outcome.test}\n    ${outcome.message}`)
        }
      }
    }
    // A test that fails anyway catches nothing, so the unbroken sources run too.
    const [first, ...rest] = workspaces
    const [sound] = await Promise.all([
      tryStages(first!, [...ring, ...contract, ...others]).then(async (outcome) => {
        if (outcome.kind === "passed") await work(first!)
        return outcome
      }),
      ...rest.map(work)
    ])
    if (sound.kind !== "passed") {
      console.error(`nothing is shown: the unbroken sources fail too: ${sound.test}: ${sound.message}`)
      return 2
    }
    console.log(`caught ${caught} of ${chosen.length}, of them ${hung} by running without end`)
    if (survivors.length > 0) console.log(`survived: ${survivors.join(", ")}`)
    return survivors.length > 0 ? 1 : 0
  } finally {
    dispose()
  }
}

process.exitCode = await main()
