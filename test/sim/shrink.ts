/**
 * Makes a failing plan smaller: leaves out whatever it fails without. Leaving something out changes the order of
 * everything else, so a smaller plan is kept only when it was seen to fail.
 */
import type { Plan } from "./plan.js"

const without = <A>(items: ReadonlyArray<A>, index: number): ReadonlyArray<A> => items.toSpliced(index, 1)

/** Plans that lack one thing, the largest things first. */
const smallerPlans = function* (plan: Plan): Generator<Plan> {
  for (const index of plan.readers.keys()) yield { ...plan, readers: without(plan.readers, index) }
  if (plan.writers.length > 1)
    for (const index of plan.writers.keys()) yield { ...plan, writers: without(plan.writers, index) }
  for (const index of plan.mishaps.keys()) yield { ...plan, mishaps: without(plan.mishaps, index) }
  if (plan.repairsAfterMillis.length > 0) yield { ...plan, repairsAfterMillis: [] }
  if (plan.interleaveOneIn > 0) yield { ...plan, interleaveOneIn: 0 }
  for (const [index, { steps }] of plan.writers.entries()) {
    const withSteps = (shorter: Plan["writers"][number]["steps"]): Plan => ({
      ...plan,
      writers: plan.writers.with(index, { steps: shorter })
    })
    if (steps.length > 3) yield withSteps(steps.slice(Math.floor(steps.length / 2)))
    if (steps.length > 3) yield withSteps(steps.slice(0, Math.ceil(steps.length / 2)))
    if (steps.length > 1) for (const at of steps.keys()) yield withSteps(without(steps, at))
  }
}

/** The smallest plan that was found to fail within so many tries. */
export const shrink = (plan: Plan, fails: (plan: Plan) => boolean, tries = 300): Plan => {
  for (const smaller of smallerPlans(plan)) {
    if (tries-- <= 0) break
    if (fails(smaller)) return shrink(smaller, fails, tries)
  }
  return plan
}
