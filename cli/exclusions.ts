/**
 * Which arguments of a command cannot stand together, and of which at least one must: the part of a command's
 * grammar that single declarations cannot express. The parser enforces these rules and help prints them.
 */

export interface Exclusion {
  readonly between: readonly [string, string]
  /** What is said instead of "A cannot be combined with B". */
  readonly message?: string
  readonly advice?: string
}

export interface Requirement {
  readonly oneOf: ReadonlyArray<string>
  readonly message: string
  readonly advice: string
}

const client: ReadonlyArray<Exclusion> = [
  { between: ["--token", "--token-file"] },
  ...["--tls-ca", "--tls-skip-verify"].map((trust) => ({
    between: ["--tls-fingerprint", trust] as const,
    advice: "A fingerprint trusts exactly one certificate, whoever signed it"
  }))
]
const json: Exclusion = { between: ["--json", "--no-json"] }

export const exclusions: Readonly<Record<string, ReadonlyArray<Exclusion>>> = {
  poke: [
    { between: ["DATA", "--file"], advice: "Give the message as DATA or in a file, not both" },
    { between: ["--key", "--key-from"], advice: "Give the key, or say where the messages have it" },
    ...client
  ],
  peek: [
    { between: ["--jsonl", "--format"], advice: "Use one of them: `--jsonl` is short for `--format jsonl`" },
    { between: ["--tail", "--since"], advice: "Start at the last N messages or at a time, not both" },
    { between: ["--cursor", "--tail"], advice: "A cursor says where to start" },
    { between: ["--cursor", "--since"], advice: "A cursor says where to start" },
    { between: ["--cursor", "--replay"], advice: "A cursor goes on with what was not printed yet" },
    ...client
  ],
  get: client,
  "pool create": [json],
  "pool list": [json, ...client],
  "pool info": client,
  "pool delete": [json],
  "pool forget": [json, ...client],
  "serve check": [json],
  doctor: [
    { between: ["--all", "POOL"], message: "--all cannot be combined with a pool name", advice: "Use --all by itself" },
    json
  ]
}

/** Whether the options of its group, written before it, count for a command as well. */
export const groupOptionsCount = (command: string): boolean => command === "serve check"

export const requirements: Readonly<Record<string, Requirement>> = {
  doctor: {
    oneOf: ["POOL", "--all"],
    message: "doctor requires a pool name or --all",
    advice: "`plasmite doctor POOL` checks one pool and `plasmite doctor --all` every pool of the directory"
  }
}
