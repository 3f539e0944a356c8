/** The plots are drawn from whatever a run measured, say whose curve is whose, and have a colour scheme for the night. */
import { assert, describe, it } from "vitest"
import { drawPlots } from "./report/plots.js"
import type { Results } from "./report/Results.js"
import { summarize } from "./statistics.js"

const rates = (perSecond: number) => ({ single: summarize([perSecond]), read: summarize([perSecond * 7]) })
const measured = {
  peers: [
    { peer: "effect-plasmite", fast: "", flush: "", rates: rates(250_000) },
    { peer: "Some <peer>", fast: "", flush: "", rates: rates(1_200) }
  ],
  plots: {
    latency: [
      { name: "effect-plasmite", values: Array.from({ length: 500 }, (_, index) => 0.1 + index / 1_000) },
      { name: "bare pipe", values: Array.from({ length: 200 }, (_, index) => 0.05 + index / 4_000) }
    ],
    size: [{ name: "append", at: [1, 2_048], values: [3_000, 3_100] }],
    count: [{ name: "get", at: [100, 500_000], values: [900, 1_000] }],
    start: [
      { name: "node -e 0", values: [40, 41, 42] },
      { name: "pls version", values: [50, 51, 52] }
    ]
  }
} satisfies Partial<Results>

const draw = (parts: Partial<Results>) => drawPlots({ peers: [], plots: {}, ...parts } as unknown as Results)

describe("the plots", () => {
  const plots = draw(measured)

  it("are four, and none for what was not measured", () => {
    assert.deepStrictEqual(Object.keys(plots).sort(), ["latency", "size", "start", "throughput"])
    assert.deepStrictEqual(draw({}), {})
    assert.deepStrictEqual(Object.keys(draw({ plots: { start: measured.plots.start } })), ["start"])
  })

  it("are drawings that stand alone, for paper and for night, with a place for every mark", () => {
    for (const [name, svg] of Object.entries(plots)) {
      assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/, name)
      assert.include(svg, "prefers-color-scheme:dark", name)
      assert.notMatch(svg, /NaN|Infinity|undefined/, name)
    }
  })

  it("name what they show, with its figure beside it", () => {
    const said: Readonly<Record<string, ReadonlyArray<string>>> = {
      throughput: [
        "effect-plasmite",
        "Some &lt;peer&gt;",
        "250 k",
        "1.75 M",
        "1,200",
        "messages per second, log scale"
      ],
      latency: ["effect-plasmite", "bare pipe", "median 0.35 ms", "milliseconds, log scale"],
      size: ["append", "get", "2 GiB", "500 k", "3.10"],
      start: ["pls version", "51.0 ms", "1.24×", "milliseconds"]
    }
    for (const [name, texts] of Object.entries(said)) for (const text of texts) assert.include(plots[name]!, text, name)
  })
})
