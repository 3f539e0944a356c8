/**
 * Plans of arrays by length. Short arrays are met again and again; the memory spent on remembering them is bounded.
 */
import type { InsertionPlan } from "./insertionPlan.js"
import { planArray } from "./insertionPlan.js"

const mostBytes = 1024 * 1024
const longestKept = 1024

let plans: Array<InsertionPlan | undefined> = []
let keptBytes = 0

export const arrayPlan = (length: number): InsertionPlan => {
  const known = plans[length]
  if (known !== undefined) return known
  const plan = planArray(length)
  if (length <= longestKept) {
    if (keptBytes + plan.images.byteLength > mostBytes) {
      plans = []
      keptBytes = 0
    }
    plans[length] = plan
    keptBytes += plan.images.byteLength
  }
  return plan
}
