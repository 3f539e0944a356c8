/**
 * The engine's memory for what has just been made, while a program makes text after text that nobody keeps. It would
 * grow to 48 MiB, because something always survives a collection; a few MiB do as well and are as fast.
 */
import { requireLater } from "../layers/lazyModules.js"

/** Major versions of the engine (Node 20 to 24) in which the factor can be set at any time and means this. */
const knownEngine = /^1[1-3]\./

const stays = "--semi-space-growth-factor=1"
const doubles = "--semi-space-growth-factor=2"

let isKept = false

/** It grows no more from now on, until the process ends. Harmless where it cannot be done. */
export const keepYoungGenerationSmall = (): void => {
  if (isKept) return
  isKept = true
  if (!knownEngine.test(process.versions.v8)) return
  const { setFlagsFromString } = requireLater("node:v8") as { readonly setFlagsFromString: (flag: string) => void }
  setFlagsFromString(stays)
  // A code cache is good only for the flags it was written with, and it is written at the end.
  process.prependOnceListener("exit", () => setFlagsFromString(doubles))
}
