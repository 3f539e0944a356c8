/**
 * The tree of commands: every option and every positional of the program is declared here, once. Parsing, help
 * and completion all come from these values; a name that is not here does not exist.
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Arguments from "./arguments.js"
import { type CommandRow, readCommandTable } from "./commandTable.js"
import * as Descriptions from "./descriptions.js"
import { ALIASES } from "./grammar.js"
import * as P from "./parameters.js"
import { TypedCall } from "./typedCall.js"

const POOL = "pool name, or path of a pool file"
const ANY_POOL = `${POOL}, or http(s)://HOST[:PORT]/POOL`

/** How to reach and trust a server. */
const client = {
  token: P.text("token", "TEXT", "bearer token for a server; default: $PLASMITE_TOKEN; not with --token-file"),
  tokenFile: P.file("token-file", "file that holds the bearer token for a server; not with --token"),
  tlsCa: P.file(
    "tls-ca",
    "PEM file with the certificates to trust for a server instead of the system's; not with --tls-fingerprint"
  ),
  tlsSkipVerify: P.flag(
    "tls-skip-verify",
    "accept any certificate of a server, with a warning; not with --tls-fingerprint"
  ),
  tlsFingerprint: P.text(
    "tls-fingerprint",
    "SHA256:...",
    "accept exactly the certificate with this fingerprint, as the server prints it; not with --tls-ca or --tls-skip-verify"
  )
}

const jsonReport = {
  json: P.flag("json", "print JSON, also on a terminal (pretty there)"),
  noJson: P.flag("no-json", "print text, also into a pipe; by default a terminal gets text and a pipe JSON")
}

/** One answer from the two flags. */
const jsonChoice = (flags: { readonly json: boolean; readonly noJson: boolean }): Arguments.JsonChoice =>
  flags.json ? true : flags.noJson ? false : undefined

const globals = {
  dir: P.directory("dir", "pool directory for named pools; default: $PLASMITE_DIR, else ~/.plasmite/pools"),
  color: P.choice(
    "color",
    "MODE",
    Arguments.COLOR_MODES,
    "auto",
    "colour of pretty JSON and of labels: auto means on a terminal"
  )
}

const root = Command.make("plasmite", globals).pipe(Command.withDescription(Descriptions.root))

/** The global part of a handler's record: the root's own options, and the words typed. */
const globalArguments = Effect.flatMap(root, ({ dir, color }) =>
  Effect.map(TypedCall, (call): Arguments.GlobalArguments => ({ dir, color, call }))
)

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

const serveOptions = {
  bind: P.text("bind", "BIND", "IP:PORT or localhost:PORT; port 0: any free one; default: 127.0.0.1:9700"),
  access: P.choice("access", "MODE", Arguments.ACCESS_MODES, "read-write", "what clients may do"),
  corsOrigins: P.texts("cors-origin", "ORIGIN", "web origin whose pages may use the server, no wildcard; repeatable"),
  allowHosts: P.texts("allow-host", "NAME", "name by which a server without token may be called; repeatable"),
  token: P.text("token", "TEXT", "bearer token that clients must send; other users see it, so prefer --token-file"),
  tokenFile: P.file("token-file", "file that holds the bearer token; not with --token"),
  tlsCert: P.file("tls-cert", "certificate, PEM, a chain begins with the server's own; requires --tls-key"),
  tlsKey: P.file("tls-key", "private key of the certificate, PEM; requires --tls-cert"),
  tlsSelfSigned: P.flag("tls-self-signed", "make a certificate for this run; not with --tls-cert and --tls-key"),
  tlsCertOut: P.file(
    "tls-cert-out",
    "where clients find the certificate of --tls-self-signed; default: beside the pool directory"
  ),
  sans: P.texts("san", "NAME", "further DNS name or IP address for the certificate of --tls-self-signed; repeatable"),
  allowNonLoopback: P.flag(
    "allow-non-loopback",
    "let other machines in; to write, they need --token-file, and TLS or --insecure-no-tls"
  ),
  insecureNoTls: P.flag("insecure-no-tls", "let other machines write without TLS, token and messages in the clear"),
  maxBodyBytes: P.count("max-body-bytes", ["serve"], "longest body of a request, at least 1; default: 1048576"),
  maxTailTimeoutMillis: P.count(
    "max-tail-timeout-ms",
    ["serve"],
    "longest life of a tail in milliseconds, at least 1; default: 30000"
  ),
  maxTailConcurrency: P.count(
    "max-tail-concurrency",
    ["serve"],
    "tails open at once, and requests waiting for pools, at least 1; default: 64"
  ),
  maxPoolBytes: P.count("max-pool-bytes", ["serve"], "largest pool a client may create; default: 1073741824"),
  maxPools: P.count("max-pools", ["serve"], "pools there may be when a client creates one; default: 1000"),
  noServerWhere: P.flag("no-server-where", "run no jq filters for clients")
}

const SAN = "further DNS name or IP address for the certificate; repeatable"

const serve = <E, R>(handlers: Arguments.Handlers<E, R>) => {
  const group = Command.make("serve", serveOptions, (own) =>
    Effect.flatMap(globalArguments, (shared) => handlers.serve({ ...own, ...shared }))
  ).pipe(Command.withDescription(Descriptions.serve))
  const init = Command.make(
    "init",
    {
      bind: P.text("bind", "BIND", "address for the certificate and the commands shown; default: 0.0.0.0:9700"),
      outputDir: P.directory("output-dir", "directory for the files, made if it is missing; default: ."),
      tokenFile: P.file("token-file", "default: plasmite-auth-token.txt"),
      tlsCert: P.file("tls-cert", "default: plasmite-tls-cert.pem"),
      tlsKey: P.file("tls-key", "default: plasmite-tls-key.pem"),
      sans: P.texts("san", "NAME", SAN),
      force: P.flag("force", "replace files that are there already")
    },
    (own) => Effect.flatMap(globalArguments, (shared) => handlers.serveInit({ ...own, ...shared }))
  ).pipe(Command.withDescription(Descriptions.serveInit))
  const check = Command.make("check", jsonReport, (flags) =>
    Effect.flatMap(Effect.all([group, globalArguments]), ([own, shared]) =>
      handlers.serveCheck({ ...own, json: jsonChoice(flags), ...shared })
    )
  ).pipe(Command.withDescription(Descriptions.serveCheck))
  return group.pipe(Command.withSubcommands([init, check]))
}

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
