/**
 * The calls that need no second look. For the commands that are run all the time, this makes the record that the tree
 * of commands in `pls.ts` would hand to the handler, from the grammar alone and without loading the argument framework.
 * Everything else (help, a mistake, a number of unusual length, a rarer command) has no answer here: the whole program
 * is asked, and only it explains anything. A test holds the two against each other.
 */
import type {
  ClientArguments,
  ColorMode,
  DurabilityName,
  ErrorPolicy,
  GetArguments,
  GlobalArguments,
  Handlers,
  InputMode,
  JsonChoice,
  MessageFormat,
  PeekArguments,
  PokeArguments
} from "./arguments.js"
import type { CommandGrammar, OptionGrammar } from "./grammar.js"
import { ArgvRefused, readArgv, type ReadCall } from "./readArgv.js"

type Call<Name extends keyof Handlers<never, never>> = {
  readonly handler: Name
  readonly arguments: Parameters<Handlers<never, never>[Name]>[0]
}

export type QuickCall =
  | { readonly handler: "versionLine" }
  /** Right as far as the grammar goes; a part of its own reads the values. */
  | { readonly handler: "serve" }
  | Call<"poke">
  | Call<"peek">
  | Call<"get">
  | Call<"poolList">
  | Call<"poolInfo">
  | Call<"poolForget">
  | Call<"version">

/** Nothing is wrong, but this is not the place to be sure of it. */
class Unsure extends Error {}

/** More digits could be more than a double holds exactly, or than the grammar of numbers allows. */
const plainNumber = /^\d{1,15}$/

const numberOf = (text: string): number => {
  if (!plainNumber.test(text)) throw new Unsure()
  return Number(text)
}

/** What was given to a command, option by option; asking for one that the command does not have is a mistake of ours. */
class Given {
  private readonly options: ReadonlyArray<OptionGrammar>

  constructor(
    root: CommandGrammar,
    private readonly call: ReadCall<CommandGrammar>
  ) {
    this.options = [...call.command.options, ...root.options]
  }

  flag(long: string): boolean {
    return this.values(long) !== undefined
  }

  text(long: string): string | undefined {
    return this.values(long)?.[0]
  }

  texts(long: string): ReadonlyArray<string> {
    return this.values(long) ?? []
  }

  count(long: string): number | undefined {
    const text = this.text(long)
    return text === undefined ? undefined : numberOf(text)
  }

  /** The word was checked against the grammar, which also knows the one that stands for none. */
  choice<Word extends string>(long: string): Word {
    return (this.text(long) ?? this.option(long).fallback) as Word
  }

  positional(index: number): string {
    return this.call.positionals[index]!
  }

  json(): JsonChoice {
    return this.flag("--json") ? true : this.flag("--no-json") ? false : undefined
  }

  globals(): GlobalArguments {
    return { dir: this.text("--dir"), color: this.choice<ColorMode>("--color"), call: this.call.typed }
  }

  client(): ClientArguments {
    return {
      token: this.text("--token"),
      tokenFile: this.text("--token-file"),
      tlsCa: this.text("--tls-ca"),
      tlsSkipVerify: this.flag("--tls-skip-verify"),
      tlsFingerprint: this.text("--tls-fingerprint")
    }
  }

  private values(long: string): ReadonlyArray<string> | undefined {
    return this.call.values.get(this.option(long).long)
  }

  private option(long: string): OptionGrammar {
    const option = this.options.find((row) => row.long === long)
    if (option === undefined) throw new Error(`\`${this.call.command.words.join(" ")}\` has no option ${long}`)
    return option
  }
}

const pokeArguments = (given: Given, spelling: "poke" | "feed", data: string | undefined): PokeArguments => ({
  spelling,
  pool: given.positional(0),
  data,
  tags: given.texts("--tag"),
  key: given.text("--key"),
  keyFrom: given.text("--key-from"),
  file: given.text("--file"),
  inputMode: given.choice<InputMode>("--in"),
  errors: given.choice<ErrorPolicy>("--errors"),
  create: given.flag("--create"),
  createSize: given.text("--create-size"),
  durability: given.choice<DurabilityName>("--durability"),
  retry: given.count("--retry") ?? 0,
  retryDelay: given.text("--retry-delay"),
  quiet: given.flag("--quiet"),
  ...given.client(),
  ...given.globals()
})

const peekArguments = (given: Given, spelling: "peek" | "follow"): PeekArguments => ({
  spelling,
  pool: given.positional(0),
  tail: given.count("--tail"),
  since: given.text("--since"),
  cursor: given.text("--cursor"),
  one: given.flag("--one"),
  timeout: given.text("--timeout"),
  where: given.texts("--where"),
  tags: given.texts("--tag"),
  dataOnly: given.flag("--data-only"),
  format: given.flag("--jsonl") ? "jsonl" : (given.text("--format") as MessageFormat | undefined),
  replay: given.text("--replay"),
  quietDrops: given.flag("--quiet-drops"),
  noNotify: given.flag("--no-notify"),
  create: given.flag("--create"),
  reconnect: given.flag("--reconnect"),
  ...given.client(),
  ...given.globals()
})

const getArguments = (given: Given, spelling: "get" | "fetch"): GetArguments => ({
  spelling,
  pool: given.positional(0),
  seq: numberOf(given.positional(1)),
  dataOnly: given.flag("--data-only"),
  ...given.client(),
  ...given.globals()
})

const quickly = (root: CommandGrammar, call: ReadCall<CommandGrammar>): QuickCall | undefined => {
  if (call.command.words[0] === "serve") return { handler: "serve" }
  const given = new Given(root, call)
  const name = call.command.words.join(" ")
  switch (name) {
    case "poke":
    case "feed":
      return { handler: "poke", arguments: pokeArguments(given, name, call.positionals[1]) }
    case "peek":
    case "follow":
      return { handler: "peek", arguments: peekArguments(given, name) }
    case "get":
    case "fetch":
      return { handler: "get", arguments: getArguments(given, name) }
    case "pool list":
      return {
        handler: "poolList",
        arguments: { server: call.positionals[0], json: given.json(), ...given.client(), ...given.globals() }
      }
    case "pool info":
      return {
        handler: "poolInfo",
        arguments: { pool: given.positional(0), json: given.flag("--json"), ...given.client(), ...given.globals() }
      }
    case "pool forget":
      return {
        handler: "poolForget",
        arguments: {
          pool: given.positional(0),
          cursor: given.positional(1),
          json: given.json(),
          ...given.client(),
          ...given.globals()
        }
      }
    case "version":
      return { handler: "version", arguments: given.globals() }
    default:
      return undefined
  }
}

/** What `argv`, without the program, asks for, where that is beyond doubt. */
export const quickCall = (root: CommandGrammar, argv: ReadonlyArray<string>): QuickCall | undefined => {
  try {
    const read = readArgv(root, argv)
    if (read._tag === "Version") return { handler: "versionLine" }
    return read._tag === "Call" ? quickly(root, read) : undefined
  } catch (refusal) {
    if (refusal instanceof ArgvRefused || refusal instanceof Unsure) return undefined
    throw refusal
  }
}
