/**
 * The tree of commands: every option and every positional of the program is declared once, here, in `serveCommand.ts`
 * or in `sharedOptions.ts`. Parsing, help and completion all come from these values; a name that is not there does not exist.
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Arguments from "./arguments.js"
import { type CommandRow, readCommandTable } from "./commandTable.js"
import * as Descriptions from "./descriptions.js"
import { ALIASES } from "./grammar.js"
import * as P from "./parameters.js"
import { serve } from "./serveCommand.js"
import { ANY_POOL, client, globalArguments, jsonChoice, jsonReport, POOL, root } from "./sharedOptions.js"

const poke = <E, R>(spelling: "poke" | "feed", handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    spelling,
    {
      pool: P.argument("POOL", ANY_POOL),
      data: P.optionalArgument("DATA", "the message: one JSON object; stdin is then not read"),
      tags: P.texts("tag", "TEXT", "tag for every message of the call, kept in order; repeatable"),
      key: P.text(
        "key",
        "KEY",
        "names this message alone: if the pool holds one with the key, nothing is appended and that one's receipt is printed; " +
          "kept as the tag key:KEY; requires DATA"
      ),
      keyFrom: P.text(
        "key-from",
        "PATH",
        "where each message has its key, such as .id or .order.id: text or a whole number; then as --key, for every message"
      ),
      file: P.file("file", "read messages from a file, `-` is stdin; not with DATA", "f"),
      inputMode: P.choice(
        "in",
        "MODE",
        Arguments.INPUT_MODES,
        "auto",
        "how --file or stdin holds messages: a JSON value per line (jsonl), one document (json), RFC 7464 (seq), " +
          "values one after another (jq), server-sent events (event), or look and see (auto); ignored for DATA",
        "i"
      ),
      errors: P.choice(
        "errors",
        "POLICY",
        Arguments.ERROR_POLICIES,
        "stop",
        "what to do at a record that is not JSON or too long: stop, or skip it with a notice and exit 1 at the end; for --file " +
          "and stdin, skip not with --in jq",
        "e"
      ),
      create: P.flag("create", "create the pool if it is missing; not on a server"),
      createSize: P.text(
        "create-size",
        "SIZE",
        "size of a created pool: bytes, or a number with K, M or G; default: 1M; requires --create"
      ),
      durability: P.choice(
        "durability",
        "D",
        Arguments.DURABILITIES,
        "fast",
        "when a message counts as stored; flush: it is on stable storage before its receipt is printed"
      ),
      retry: P.count("retry", [spelling], "extra attempts after a transient failure; default: 0"),
      retryDelay: P.text(
        "retry-delay",
        "DURATION",
        "pause between attempts, such as 50ms, 5s, 1m or 1h; default: 50ms; requires --retry above 0"
      ),
      ...client,
      quiet: P.flag("quiet", "no receipts on stdout", "q")
    },
    ({ retry, ...rest }) =>
      Effect.flatMap(globalArguments, (shared) => handlers.poke({ ...rest, retry: retry ?? 0, spelling, ...shared }))
  ).pipe(Command.withDescription(Descriptions.poke))

const peek = <E, R>(spelling: "peek" | "follow", handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    spelling,
    {
      pool: P.argument("POOL", ANY_POOL),
      tail: P.count("tail", [spelling], "begin with the last N matches; default: 0; not with --since", "n"),
      since: P.text(
        "since",
        "TIME",
        "begin with matches from TIME on: an age such as 90s, 5m, 1h or 2d, or an RFC 3339 date-time with offset; " +
          "not with --tail; not on a server"
      ),
      cursor: P.text(
        "cursor",
        "NAME",
        "go on behind what was printed under this name, beginning with the oldest message; not with --tail, --since, --replay"
      ),
      one: P.flag("one", "exit 0 after one message; with --tail N, the newest once there are N matches"),
      timeout: P.text(
        "timeout",
        "DURATION",
        "exit 124 after DURATION without output: 250ms, 5s, 1m, 1h; default: wait for ever; no effect with --replay"
      ),
      where: P.texts("where", "EXPR", "jq expression that must yield true; repeatable, all must hold"),
      tags: P.texts("tag", "TAG", "tag that must be there, exactly; repeatable, all must be there"),
      dataOnly: P.flag("data-only", "print the data instead of the whole message"),
      format: P.optionalChoice(
        "format",
        "F",
        Arguments.MESSAGE_FORMATS,
        "how messages are printed; default: pretty on a terminal and under --color always, else jsonl; not with --jsonl"
      ),
      jsonl: P.flag("jsonl", "one line per message, same as --format jsonl; not with --format"),
      replay: P.text(
        "replay",
        "SPEED",
        "play the selection back with its own gaps, SPEED times as fast (0: without gaps), then exit; needs --tail of at " +
          "least 1 or --since; not on a server"
      ),
      quietDrops: P.flag("quiet-drops", "no notices about messages lost to a slow reader; not on a server"),
      noNotify: P.flag("no-notify", "poll only, without wake-ups; not on a server"),
      create: P.flag("create", "create the pool (1M) if it is missing; not on a server"),
      reconnect: P.flag(
        "reconnect",
        "with a server: after a lost connection, come back and go on behind the last message; default: exit 8"
      ),
      ...client
    },
    ({ format, jsonl, ...rest }) =>
      Effect.flatMap(globalArguments, (shared) =>
        handlers.peek({ ...rest, format: jsonl ? "jsonl" : format, spelling, ...shared })
      )
  ).pipe(Command.withDescription(Descriptions.peek))

const get = <E, R>(spelling: "get" | "fetch", handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    spelling,
    {
      pool: P.argument("POOL", ANY_POOL),
      seq: P.seqArgument("SEQ", [spelling], "sequence number of the message, a whole number"),
      dataOnly: P.flag("data-only", "print the data instead of the whole message"),
      ...client
    },
    (own) => Effect.flatMap(globalArguments, (shared) => handlers.get({ ...own, spelling, ...shared }))
  ).pipe(Command.withDescription(Descriptions.get))

const poolCreate = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    "create",
    {
      names: P.someArguments("NAME", "name or path of a pool to create; one or more"),
      size: P.text(
        "size",
        "SIZE",
        "size of each file: bytes, or a number with K, M or G (powers of 1024); default: 1M"
      ),
      indexCapacity: P.count(
        "index-capacity",
        ["pool", "create"],
        "slots of 16 bytes for finding messages by number; 0: none; at most half of SIZE; default: by SIZE, 4096 for 1M"
      ),
      ...jsonReport
    },
    ({ json, noJson, ...own }) =>
      Effect.flatMap(globalArguments, (shared) =>
        handlers.poolCreate({ ...own, json: jsonChoice({ json, noJson }), ...shared })
      )
  ).pipe(Command.withDescription(Descriptions.poolCreate))

const poolList = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    "list",
    {
      server: P.optionalArgument("SERVER", "http(s)://HOST[:PORT]: list its pools instead of the directory's"),
      ...jsonReport,
      ...client
    },
    ({ json, noJson, ...own }) =>
      Effect.flatMap(globalArguments, (shared) =>
        handlers.poolList({ ...own, json: jsonChoice({ json, noJson }), ...shared })
      )
  ).pipe(Command.withDescription(Descriptions.poolList))

const poolInfo = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    "info",
    {
      pool: P.argument("POOL", ANY_POOL),
      json: P.flag("json", "print JSON; default: text, also into a pipe"),
      ...client
    },
    (own) => Effect.flatMap(globalArguments, (shared) => handlers.poolInfo({ ...own, ...shared }))
  ).pipe(Command.withDescription(Descriptions.poolInfo))

const poolDelete = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    "delete",
    { pools: P.someArguments("POOL", "name or path of a pool to delete; one or more"), ...jsonReport },
    ({ pools, ...flags }) =>
      Effect.flatMap(globalArguments, (shared) => handlers.poolDelete({ pools, json: jsonChoice(flags), ...shared }))
  ).pipe(Command.withDescription(Descriptions.poolDelete))

const poolForget = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    "forget",
    {
      pool: P.argument("POOL", ANY_POOL),
      cursor: P.argument("CURSOR", "name of the cursor, as `pool info` shows it"),
      ...jsonReport,
      ...client
    },
    ({ json, noJson, ...own }) =>
      Effect.flatMap(globalArguments, (shared) =>
        handlers.poolForget({ ...own, json: jsonChoice({ json, noJson }), ...shared })
      )
  ).pipe(Command.withDescription(Descriptions.poolForget))

const doctor = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make(
    "doctor",
    {
      pool: P.optionalArgument("POOL", `${POOL}; either this or --all`),
      all: P.flag("all", "check every pool of the pool directory; not with POOL"),
      repair: P.flag("repair", "make damaged pools sound, after copying each to NAME.plasmite.backup-N"),
      noBackup: P.flag("no-backup", "make no copy; requires --repair"),
      dropDamaged: P.flag(
        "drop-damaged",
        "give up damaged messages and all before them, also readable ones; requires --repair"
      ),
      ...jsonReport
    },
    ({ json, noJson, ...own }) =>
      Effect.flatMap(globalArguments, (shared) =>
        handlers.doctor({ ...own, json: jsonChoice({ json, noJson }), ...shared })
      )
  ).pipe(Command.withDescription(Descriptions.doctor))

const version = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  Command.make("version", {}, () => Effect.flatMap(globalArguments, handlers.version)).pipe(
    Command.withDescription(Descriptions.version)
  )

const answeredByParser = () => Effect.dieMessage("This command is answered by the parser and never runs.")

const completion = Command.make(
  "completion",
  { shell: P.choiceArgument("SHELL", Arguments.SHELLS, "bash, zsh or fish") },
  answeredByParser
).pipe(Command.withDescription(Descriptions.completion))

const help = Command.make(
  "help",
  { command: P.anyArguments("CMD", "words of a command; default: the program itself") },
  answeredByParser
).pipe(Command.withDescription(Descriptions.help))

const makeTree = <E, R>(handlers: Arguments.Handlers<E, R>) =>
  root.pipe(
    Command.withSubcommands([
      poke("poke", handlers),
      poke("feed", handlers),
      peek("peek", handlers),
      peek("follow", handlers),
      get("get", handlers),
      get("fetch", handlers),
      Command.make("pool").pipe(
        Command.withDescription(Descriptions.pool),
        Command.withSubcommands([
          poolCreate(handlers),
          poolList(handlers),
          poolInfo(handlers),
          poolDelete(handlers),
          poolForget(handlers)
        ])
      ),
      doctor(handlers),
      serve(handlers),
      completion,
      version(handlers),
      help
    ])
  )

/** The program: what the framework runs, and the same thing as rows. */
export interface Pls<E, R> {
  readonly command: ReturnType<typeof makeTree<E, R>>
  readonly table: CommandRow
}

export const makePls = <E, R>(handlers: Arguments.Handlers<E, R>): Pls<E, R> => {
  const command = makeTree(handlers)
  return { command, table: readCommandTable(command, ALIASES) }
}
