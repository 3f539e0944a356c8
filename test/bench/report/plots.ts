/** All plots of a run, by name; those for which it measured nothing are left out. */
import { latencyPlot } from "./plots/latency.js"
import { sizePlot } from "./plots/size.js"
import { startPlot } from "./plots/start.js"
import { throughputPlot } from "./plots/throughput.js"
import type { Results } from "./Results.js"

export const drawPlots = ({ peers, plots }: Results): Readonly<Record<string, string>> => ({
  ...(peers.length > 0 && { throughput: throughputPlot(peers) }),
  ...(plots["latency"] !== undefined && { latency: latencyPlot(plots["latency"]) }),
  ...(plots["size"] !== undefined && { size: sizePlot(plots["size"], plots["count"] ?? []) }),
  ...(plots["start"] !== undefined && { start: startPlot(plots["start"]) })
})
