/**
 * What the plots share: one drawing of a title, a line about how to read it, and panels, which follows the light or dark
 * setting of whoever looks, and needs nothing but itself.
 */
import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"

/** Colours by role. The same names stand for paper and for night. */
const light = {
  paper: "#ffffff",
  ink: "#1f2328",
  soft: "#59636e",
  grid: "#d9dee4",
  ours: "#c2410c",
  upstream: "#1d4ed8",
  file: "#0f766e",
  server: "#a21caf",
  other: "#6b7280"
}
const dark: typeof light = {
  paper: "#0d1117",
  ink: "#e6edf3",
  soft: "#9aa4af",
  grid: "#2b323b",
  ours: "#fb923c",
  upstream: "#79b0ff",
  file: "#5eead4",
  server: "#f0abfc",
  other: "#9ca3af"
}
export type Role = keyof typeof light
export const ink = (role: Role): string => `var(--${role})`

const variables = (colors: typeof light): string =>
  Object.entries(colors)
    .map(([role, color]) => `--${role}:${color}`)
    .join(";")

const style = `svg{${variables(light)};color:var(--ink)}
@media (prefers-color-scheme:dark){svg{${variables(dark)}}}
text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}`

export const width = 860
const margin = 28
const titleHeight = 68

export interface Panel {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly options: Plot.PlotOptions
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** A panel as text, placed. Its own size and fonts are set here, for all panels alike. */
const drawPanel = ({ height, options, width, x, y }: Panel): string => {
  const { document } = parseHTML("<html><body></body></html>")
  const svg = Plot.plot({ ...options, width, height, document, style: { fontSize: "12px", background: "none" } })
  svg.setAttribute("x", String(x))
  svg.setAttribute("y", String(y))
  return svg.outerHTML.replace("<svg ", '<svg overflow="visible" ')
}

export interface Drawing {
  readonly title: string
  readonly howToRead: string
  readonly height: number
  /** Placed below the title; `y` counts from there. */
  readonly panels: ReadonlyArray<Panel>
}

export const draw = ({ height, howToRead, panels, title }: Drawing): string => {
  const whole = titleHeight + height
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}" role="img">
<title>${escaped(title)}. ${escaped(howToRead)}</title>
<style>${style}</style>
<rect width="${width}" height="${whole}" rx="8" fill="var(--paper)"/>
<text x="${margin}" y="34" font-size="18" font-weight="600" fill="var(--ink)">${escaped(title)}</text>
<text x="${margin}" y="54" font-size="12.5" fill="var(--soft)">${escaped(howToRead)}</text>
${panels.map((panel) => drawPanel({ ...panel, y: panel.y + titleHeight })).join("\n")}
</svg>
`
}
