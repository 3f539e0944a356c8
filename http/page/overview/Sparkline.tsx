/**
 * The recent past of a rate as a small line. Decoration beside the number, which says it in words.
 */
import { sparklinePath } from "../logic/rates.js"

const width = 96
const height = 24

export const Sparkline = ({ values, label }: { readonly values: ReadonlyArray<number>; readonly label: string }) => {
  const line = sparklinePath(values, width, height - 2)
  return (
    <svg class="sparkline" viewBox={`0 -1 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path class="area" d={`${line}L${width} ${height - 2}L0 ${height - 2}Z`} />
      <path d={line} />
    </svg>
  )
}

export const Meter = ({ percent, label }: { readonly percent: number; readonly label: string }) => (
  <span class="meter" role="meter" aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} aria-label={label}>
    <span style={{ width: `${Math.min(100, Math.max(percent, percent > 0 ? 2 : 0))}%` }} />
  </span>
)
