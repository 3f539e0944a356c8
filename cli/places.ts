// The directories that paths on the screen are shown relative to.
import * as Effect from "effect/Effect"
import type { GlobalArguments } from "./arguments.js"
import { poolDirectory } from "./localPools.js"
import type { Places } from "./output/human.js"
import { ProcessIo } from "./ProcessIo.js"

export const placesOf = (args: GlobalArguments): Effect.Effect<Places, never, ProcessIo> =>
  Effect.map(ProcessIo, ({ currentDirectory, homeDirectory }) => ({
    poolDirectory: poolDirectory(args),
    currentDirectory,
    homeDirectory
  }))
