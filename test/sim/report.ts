/**
 * Runs seeds one after another, adds up what happened in them, and says in words how a failing one is had again.
 */
import { planOf } from "./plan.js"
import { shrink } from "./shrink.js"
import { type RunResult, runPlan } from "./workload.js"

/** Every so many seeds one is run twice: the simulation must not leak chance. */
const twiceOneIn = 20

export class Tally {
  seeds = 0
  steps = 0
  replayed = 0
  readonly sometimes = new Map<string, number>()
  readonly failures: Array<string> = []

  run(seed: number): RunResult {
    const result = runPlan(planOf(seed))
    this.seeds++
    this.steps += result.steps
    for (const [what, times] of result.sometimes) this.sometimes.set(what, (this.sometimes.get(what) ?? 0) + times)
    if (result.violations.length > 0) this.failures.push(describeFailure(result))
    if (seed % twiceOneIn === 0) this.replay(result)
    return result
  }

  private replay({ fingerprint, plan, steps }: RunResult): void {
    this.replayed++
    const again = runPlan(plan)
    if (again.fingerprint === fingerprint && again.steps === steps) return
    this.failures.push(`seed ${plan.seed} did not run the same way twice`)
  }
}

const fails = (plan: RunResult["plan"]): boolean => runPlan(plan).violations.length > 0

const describeFailure = ({ plan, violations }: RunResult): string => {
  const smallest = shrink(plan, fails)
  return [
    `seed ${plan.seed}: ${violations.join("; ")}`,
    `smallest plan that fails: ${JSON.stringify(smallest)}`,
    `  it says: ${runPlan(smallest).violations.join("; ")}`,
    `repeat with: npm run sim -- --seed ${plan.seed}`
  ].join("\n")
}

/** What a good number of seeds must have seen, or they tested only the sunny street. */
export const mustHappen = [
  "old messages dropped",
  "ring exactly full",
  "a single message left",
  "index slots shared",
  "reader overtaken",
  "pool in use found in order",
  "message got",
  "message given to a function",
  "message to get was dropped",
  "message too large",
  "writer killed",
  "reader killed",
  "killed before its first store",
  "killed after dropping",
  "killed while writing its frames",
  "killed before publishing",
  "store cut in the middle",
  "lock inherited from the dead",
  "lock refused",
  "announcement lost",
  "repair",
  "unacknowledged message read",
  "disk fault struck",
  "append failed by the disk",
  "power lost in fast mode",
  "power lost in flush mode",
  "store taken back by a power loss",
  "acknowledged messages taken back by a power loss in fast mode",
  "damage reported after a power loss in fast mode"
] as const
