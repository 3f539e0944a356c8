// The words of the call being run, for the handlers that the argument framework calls.
import * as Context from "effect/Context"
import type { Typed } from "./typed.js"

export class TypedCall extends Context.Tag("plasmite/cli/TypedCall")<TypedCall, Typed>() {}
