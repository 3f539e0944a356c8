/**
 * What the handlers of commands are given: one record per command, every field always there, `undefined` where
 * nothing was typed. Enum values and integers have been checked; durations, sizes, times, speeds, filters and
 * pool references are still the text that was typed, because the order in which they are checked is promised.
 */
import type * as Effect from "effect/Effect"
import type { Typed } from "./typed.js"

export const COLOR_MODES = ["auto", "always", "never"] as const
export type ColorMode = (typeof COLOR_MODES)[number]

export const INPUT_MODES = ["auto", "jsonl", "json", "seq", "jq", "event"] as const
export type InputMode = (typeof INPUT_MODES)[number]

export const ERROR_POLICIES = ["stop", "skip"] as const
export type ErrorPolicy = (typeof ERROR_POLICIES)[number]

export const DURABILITIES = ["fast", "flush"] as const
export type DurabilityName = (typeof DURABILITIES)[number]

export const MESSAGE_FORMATS = ["pretty", "jsonl"] as const
export type MessageFormat = (typeof MESSAGE_FORMATS)[number]

export const ACCESS_MODES = ["read-only", "write-only", "read-write"] as const
export type AccessName = (typeof ACCESS_MODES)[number]

export const SHELLS = ["bash", "zsh", "fish"] as const
export type Shell = (typeof SHELLS)[number]

export interface GlobalArguments {
  /** `--dir` as typed. */
  readonly dir: string | undefined
  readonly color: ColorMode
  /** The words that were typed, for advice that repeats them. */
  readonly call: Typed
}

/** How to reach and trust a server; only for remote refs. */
export interface ClientArguments {
  readonly token: string | undefined
  readonly tokenFile: string | undefined
  readonly tlsCa: string | undefined
  readonly tlsSkipVerify: boolean
  readonly tlsFingerprint: string | undefined
}

export interface PokeArguments extends GlobalArguments, ClientArguments {
  readonly spelling: "poke" | "feed"
  readonly pool: string
  readonly data: string | undefined
  readonly tags: ReadonlyArray<string>
  readonly key: string | undefined
  readonly keyFrom: string | undefined
  readonly file: string | undefined
  readonly inputMode: InputMode
  readonly errors: ErrorPolicy
  readonly create: boolean
  /** SIZE as typed. */
  readonly createSize: string | undefined
  readonly durability: DurabilityName
  readonly retry: number
  /** DURATION as typed. */
  readonly retryDelay: string | undefined
  readonly quiet: boolean
}

export interface PeekArguments extends GlobalArguments, ClientArguments {
  readonly spelling: "peek" | "follow"
  readonly pool: string
  readonly tail: number | undefined
  /** SINCE as typed. */
  readonly since: string | undefined
  readonly cursor: string | undefined
  readonly one: boolean
  /** DURATION as typed. */
  readonly timeout: string | undefined
  readonly where: ReadonlyArray<string>
  readonly tags: ReadonlyArray<string>
  readonly dataOnly: boolean
  /** `--format`, or `jsonl` for `--jsonl`. */
  readonly format: MessageFormat | undefined
  /** SPEED as typed. */
  readonly replay: string | undefined
  readonly quietDrops: boolean
  readonly noNotify: boolean
  readonly create: boolean
  /** Come back after a lost connection; only for remote refs. */
  readonly reconnect: boolean
}

export interface GetArguments extends GlobalArguments, ClientArguments {
  readonly spelling: "get" | "fetch"
  readonly pool: string
  /** Beyond every number a pool gives, if what was typed is. */
  readonly seq: number
  readonly dataOnly: boolean
}

/** `true` for `--json`, `false` for `--no-json`, `undefined` when the terminal decides. */
export type JsonChoice = boolean | undefined

export interface PoolCreateArguments extends GlobalArguments {
  readonly names: ReadonlyArray<string>
  /** SIZE as typed. */
  readonly size: string | undefined
  readonly indexCapacity: number | undefined
  readonly json: JsonChoice
}

export interface PoolListArguments extends GlobalArguments, ClientArguments {
  /** A server's URL as typed; `undefined` lists the pool directory. */
  readonly server: string | undefined
  readonly json: JsonChoice
}

export interface PoolInfoArguments extends GlobalArguments, ClientArguments {
  readonly pool: string
  readonly json: boolean
}

export interface PoolDeleteArguments extends GlobalArguments {
  readonly pools: ReadonlyArray<string>
  readonly json: JsonChoice
}

export interface PoolForgetArguments extends GlobalArguments, ClientArguments {
  readonly pool: string
  readonly cursor: string
  readonly json: JsonChoice
}

/** Exactly one of `pool` and `all` is set. */
export interface DoctorArguments extends GlobalArguments {
  readonly pool: string | undefined
  readonly all: boolean
  readonly repair: boolean
  /** Only with `repair`, as is `dropDamaged`. */
  readonly noBackup: boolean
  readonly dropDamaged: boolean
  readonly json: JsonChoice
}

/** The options of `serve`; in which order they are judged is `serve/plan.ts`'s matter. */
export interface ServeArguments extends GlobalArguments {
  /** BIND as typed. */
  readonly bind: string | undefined
  readonly access: AccessName
  readonly corsOrigins: ReadonlyArray<string>
  readonly allowHosts: ReadonlyArray<string>
  readonly token: string | undefined
  readonly tokenFile: string | undefined
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly tlsSelfSigned: boolean
  readonly tlsCertOut: string | undefined
  readonly sans: ReadonlyArray<string>
  readonly allowNonLoopback: boolean
  readonly insecureNoTls: boolean
  readonly maxBodyBytes: number | undefined
  readonly maxTailTimeoutMillis: number | undefined
  readonly maxTailConcurrency: number | undefined
  readonly maxPoolBytes: number | undefined
  readonly maxPools: number | undefined
  readonly noServerWhere: boolean
}

export interface ServeCheckArguments extends ServeArguments {
  readonly json: JsonChoice
}

export interface ServeInitArguments extends GlobalArguments {
  /** BIND as typed. */
  readonly bind: string | undefined
  readonly outputDir: string | undefined
  readonly tokenFile: string | undefined
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly sans: ReadonlyArray<string>
  readonly force: boolean
}

export type VersionArguments = GlobalArguments

/**
 * One function per command that does something. `help` and `completion` are answered by the parser, which
 * knows all there is to know about them.
 */
export interface Handlers<E, R> {
  readonly poke: (call: PokeArguments) => Effect.Effect<void, E, R>
  readonly peek: (call: PeekArguments) => Effect.Effect<void, E, R>
  readonly get: (call: GetArguments) => Effect.Effect<void, E, R>
  readonly poolCreate: (call: PoolCreateArguments) => Effect.Effect<void, E, R>
  readonly poolList: (call: PoolListArguments) => Effect.Effect<void, E, R>
  readonly poolInfo: (call: PoolInfoArguments) => Effect.Effect<void, E, R>
  readonly poolDelete: (call: PoolDeleteArguments) => Effect.Effect<void, E, R>
  readonly poolForget: (call: PoolForgetArguments) => Effect.Effect<void, E, R>
  readonly doctor: (call: DoctorArguments) => Effect.Effect<void, E, R>
  readonly serve: (call: ServeArguments) => Effect.Effect<void, E, R>
  readonly serveInit: (call: ServeInitArguments) => Effect.Effect<void, E, R>
  readonly serveCheck: (call: ServeCheckArguments) => Effect.Effect<void, E, R>
  readonly version: (call: VersionArguments) => Effect.Effect<void, E, R>
}
